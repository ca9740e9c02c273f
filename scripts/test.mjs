// npm test: set up, then check format, lint and types, then run the tests. With arguments (npm test -- lib/ring), run only
// the matching tests. npm run test:fast: set up, then run the fast tier (vitest.config.ts). Arguments select some of its tests.
import { findChromium, withoutChromium } from "./setup/chromium.mjs";
import { pass } from "./setup/pass.mjs";
import { state } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

const [first, ...rest] = process.argv.slice(2);
const isFast = first === "--fast";
const args = isFast || first === undefined ? rest : [first, ...rest];

// Biome would otherwise keep a folder in the user's cache.
const node = (...command) => pass(process.execPath, command, { XDG_CACHE_HOME: `${state}cache` });
const vitest = (...options) => pass(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...options]);

await main(async () => {
  await setUp();
  if (isFast) {
    process.env.SPDZLAB_TIER = "fast";
    process.exitCode = await vitest("--project", "node", ...args);
    return;
  }
  if (args.length === 0) {
    const checks = [
      ["node_modules/@biomejs/biome/bin/biome", "check", "."],
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
    ];
    for (const check of checks) {
      const status = await node(...check);
      if (status === 0) continue;
      // No test ran. Report a failure in the line that CI reads.
      process.stdout.write("\n0 passed, 1 failed, 0 skipped\n");
      process.exitCode = status;
      return;
    }
  }
  process.exitCode = await vitest(...args);
  // Repeat at the end, where users see it, which tests were skipped and how to run them.
  if (args.length === 0 && !findChromium()) process.stderr.write(`\n${withoutChromium()}`);
});
