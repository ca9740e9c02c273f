/** Cells in the clear, and their report, as a notebook gets them. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

test("the report of cells in the clear is a table that names the cell of an overflow", async () => {
  const run = async (code: string) => {
    const ran = await kernel.run(code);
    expect(ran.traceback, code).toBe("");
    return ran;
  };
  await run(
    "const iface = spdz.plain({ inputs: [[30_000, 2]] }); const x = await iface.input(0, () => [40_000, 1]);",
  );
  await run("const y = await iface.input(1); const half = noGrad(() => x.mul(0.5));");
  const { reply } = await run("const product = half.mul(2).mul(y);");
  const cell = reply.execution_count as number;
  const { all } = await run("iface.report()");
  const { data } = all("execute_result")[0]!;
  expect(data["text/html"]).toMatch(
    new RegExp(`First overflow: In \\[${cell}\\] mul: the value at \\[0\\] is 1.200e\\+9.*<table`),
  );
  expect(data["text/plain"]).toContain(`In [${cell}] mul`);
});
