// npm run test:soak: set up, then run test/channel/soak/main.ts on dist/. Set minutes, attempts, pairs of parties and the
// seed with SPDZLAB_SOAK_MINUTES, _ATTEMPTS, _PAIRS and _SEED. _MODE=malicious runs the default mode.
import { pass } from "./setup/pass.mjs";
import { root, state } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  const { build } = await import("vite");
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      ssr: "test/channel/soak/main.ts",
      outDir: `${state}soak`,
      emptyOutDir: false,
      rollupOptions: { external: ["zeromq"], output: { format: "cjs", entryFileNames: "soak.cjs" } },
    },
  });
  process.exitCode = await pass(process.execPath, [`${state}soak/soak.cjs`]);
});
