import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/setup/longest-first";

const browser = "test/browser/**/*.test.ts";
const containers = "test/containers/**/*.test.ts";

// The fast tier (npm run test:fast, or SPDZLAB_TIER=fast) is what lies beside the code, but for *.slow.test.ts. Tests in
// test/ start processes, browsers and containers, attack whole sessions or search for attacks: they are slow.
const isFast = process.env.SPDZLAB_TIER === "fast";
const slow = ["**/*.slow.test.ts", "test/**"];

// On CI's busy machines a test that waits for other processes can come too late. Try it once more there; the count at
// the end names every test that needed it.
const retry = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./test/setup/count-reporter.ts"],
    projects: [
      {
        test: {
          name: "node",
          include: ["lib/**/*.test.ts", "kernel/**/*.test.ts", "cli/**/*.test.ts", "test/**/*.test.ts"],
          exclude: isFast ? slow : [browser, containers],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          retry,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // After the others and one at a time: a browser, a JupyterLab and two kernels are enough for a machine.
        test: {
          name: "browser",
          include: [browser],
          globalSetup: "test/browser/global-setup.mjs",
          testTimeout: 180_000,
          hookTimeout: 180_000,
          retry,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // One at a time too, and more slowly than all others, where there is an engine.
        test: {
          name: "containers",
          include: [containers],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
