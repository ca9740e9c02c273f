/** Cells in the clear, and their report, as a notebook gets them. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

/** What a cell says of `x` and `y`, secrets that earlier cells brought in, and the remedies that its error names. */
const uses: [code: string, said: string, remedy: string][] = [
  ["if (x) { 1 }", "`x` is a secret", "ops.where"],
  ["const a = x ? 1 : 2", "`x` is a secret", "ops.where"],
  ["while (x.lt(y)) { break }", "`x.lt(y)` is a secret", "await x.reveal()"],
  ["do { } while (x)", "`x` is a secret", "ops.where"],
  ["for (; x; ) break", "`x` is a secret", "ops.where"],
  ["const b = !x", "`x` is a secret", "logicalNot"],
  ["if (x.gt(1) && y.gt(1)) { 1 }", "`x.gt(1)` is a secret", "logicalAnd"],
  ["const c = x || y", "`x` is a secret", "logicalOr"],
  ["x === y", "`x === y` compares handles", "x.eq(y)"],
  ["x !== y", "`x !== y` compares handles", "x.ne(y)"],
  ["function f(v: SharedVariable) {\n  return (v) ? 1 : 0;\n}", "`v` is a secret", "ops.where"],
];

test("secrets used as plain values are errors of the cell, and the cell does not run", async () => {
  const run = (code: string) => kernel.run(code);
  expect((await run("const sure = spdz.plain({ inputs: [[1, 2]] }); let ran = 0;")).traceback).toBe("");
  expect((await run("const x = await sure.input(0); const y = x.add(1);")).traceback).toBe("");
  for (const [code, said, remedy] of uses) {
    const { reply, traceback } = await run(`ran++;\n${code}`);
    expect(reply.ename, code).toBe("SecretUseError");
    expect(traceback, code).toContain(said);
    expect(traceback, code).toContain(remedy);
    expect(traceback, code).toContain(`line ${code.startsWith("function") ? 3 : 2}`);
  }
  expect((await run("ran")).result).toBe("0");
  for (const code of [
    "let z: SharedVariable | undefined; if (z) { 1 }\nz === undefined",
    "if (z || x.grad) { 1 }\nconst gradient = x.grad; if (!gradient) { 1 }",
    "const plain = FloatTensor.eye(2); if (plain) { 1 }",
    "if (x.shape[0] === 2 && x.requiresGrad === false) { 1 }",
    "[x].includes(y) || Object.is(x, y)",
    "const d = x ?? y",
  ]) {
    const { traceback } = await run(code);
    expect(traceback, code).not.toContain("secret");
  }
});

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
