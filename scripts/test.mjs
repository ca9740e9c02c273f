// npm test: set-up, format and lint, types, tests. With arguments (npm test -- lib/ring) only the tests they name.
import { getChromium } from "./setup/chromium.mjs";
import { pass } from "./setup/pass.mjs";
import { state } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

const args = process.argv.slice(2);
// Biome would keep a folder of its own in the person's cache.
const node = (...rest) => pass(process.execPath, rest, { XDG_CACHE_HOME: `${state}cache` });

await main(async () => {
  await setUp();
  if (args.length === 0) {
    const checks = [
      ["node_modules/@biomejs/biome/bin/biome", "check", "."],
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
    ];
    for (const check of checks) {
      const status = await node(...check);
      if (status === 0) continue;
      // No test was run, and the line that CI reads says that something failed.
      process.stdout.write("\n0 passed, 1 failed, 0 skipped\n");
      process.exitCode = status;
      return;
    }
  }
  if (args.length === 0 || args.some((arg) => arg.startsWith("test/browser"))) await getChromium();
  process.exitCode = await pass(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...args]);
});
