import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { readSeed } from "../support/random";
import { root } from "./root";

test("a random test that fails prints its seed, and draws the same values again under that seed", () => {
  // In the checkout, where vitest is found, but where no other run looks for tests.
  const folder = `${root}.setup/random-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(`${folder}/vitest.config.mjs`, "export default {};\n");
  writeFileSync(
    `${folder}/random.test.ts`,
    `import { expect, test } from "vitest";
import { drawBytes, fc, uniform } from "../../test/support/random";
test("first", () => void uniform());
test("second", () => {
  const [integer] = fc.sample(fc.nat(), 1);
  expect(["drawn", Buffer.from(drawBytes(8)).toString("hex"), uniform(), integer].join(" ")).toBe("");
});
`,
  );
  const run = (seed: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [`${root}node_modules/vitest/vitest.mjs`, "run", ...args],
      { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", SPDZLAB_SEED: seed } },
    );
    expect(status, stdout + stderr).toBe(1);
    const drawn = /drawn \S+ \S+ \d+/.exec(stdout + stderr)?.[0];
    const printed = /"second" used random values.*SPDZLAB_SEED=(\d+)/.exec(stdout + stderr)?.[1];
    expect(drawn).toBeDefined();
    expect(printed).toBeDefined();
    return { drawn, printed };
  };
  const first = run("");
  // Alone, without the test before it.
  expect(run(first.printed!, "-t", "second")).toEqual(first);
  expect(run("17").drawn).not.toBe(first.drawn);
}, 120_000);

test("an invalid seed is refused", () => {
  expect(readSeed(undefined)).toBeUndefined();
  expect(readSeed("0")).toBe(0);
  for (const text of ["x", "-1", "1.5", String(2 ** 31)])
    expect(() => readSeed(text)).toThrow(`SPDZLAB_SEED must be an integer from 0 to 2147483647, got ${text}`);
});
