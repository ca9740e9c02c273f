/** Jupyter's own tests of a kernel and its restart, by the Python of the project's `.venv`. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port";
import { assertBuilt } from "./client";

const root = join(__dirname, "../..");
const python = process.env.SPDZLAB_PYTHON ?? join(root, ".venv/bin/python");
const run = promisify(execFile);

async function install(): Promise<void> {
  assertBuilt();
  if (!existsSync(python)) {
    throw new Error(`${python} is missing: npm run setup makes it, or SPDZLAB_PYTHON names another Python`);
  }
  const prefix = dirname(dirname(python));
  await run(process.execPath, [join(root, "dist/cli/main.js"), "install", "--prefix", prefix]);
}

test("jupyter_kernel_test passes every case", { timeout: 180_000 }, async () => {
  await install();
  const { stderr } = await run(python, [join(__dirname, "protocol_test.py"), "-v"]).catch((failure) => {
    throw new Error(`jupyter_kernel_test failed:\n${failure.stdout}\n${failure.stderr}`);
  });
  const cases = stderr.match(/ \.\.\. ok$/gm)?.length ?? 0;
  const skipped = stderr.match(/ \.\.\. skipped/g)?.length ?? 0;
  console.log(`jupyter_kernel_test: ${cases} passed, ${skipped} skipped`);
  expect(stderr).toMatch(/^Ran \d+ tests/m);
  expect(cases).toBeGreaterThanOrEqual(12);
  expect(skipped).toBe(0);
});

test("Jupyter stops a cell that spins after an await, and restarts the kernel", {
  timeout: 180_000,
}, async () => {
  await install();
  const { stdout } = await run(python, [join(__dirname, "restart_test.py")]);
  expect(stdout.trim().split("\n")).toEqual(["stopped: Interrupted", "after the restart: 42"]);
});

test("a terminal can use it: jupyter console", { timeout: 300_000 }, async () => {
  await install();
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const { stdout } = await run(python, [join(__dirname, "console_test.py"), address]).catch((failure) => {
    throw new Error(`jupyter console failed:\n${failure.stdout}\n${failure.stderr}`);
  });
  expect(stdout.match(/^ok: .*$/gm)).toHaveLength(9);
});
