/** Hovers of operations, which come from the registry by mapped types: signature and text, as they stand in lib/ops. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  const cells = [
    'const [zero] = spdz.simulate({ security: "semi-honest", preprocessing: "insecureFirstPartyDealer" }); 0',
    "const x = new SharedVariable(spdz.share(LongTensor.zeros(2, 2))[0], zero); 0",
  ];
  for (const code of cells) expect((await kernel.run(code)).traceback).toBe("");
});
afterAll(() => kernel?.stop());

async function hover(code: string, at: string): Promise<string> {
  const cursor_pos = code.indexOf(at) + at.length;
  const { data } = await kernel.request("inspect_request", { code, cursor_pos, detail_level: 0 });
  return data["text/plain"] ?? "";
}

test.each([
  [
    "x.matmul",
    "x.matmul",
    "(property) matmul: (other: spdz.Operand) => SharedVariable",
    "Multiply matrices, vectors, or batches of matrices",
  ],
  [
    "x.matmul([[1, 2]])",
    "x.matmul(",
    "(property) matmul: (other: spdz.Operand) => SharedVariable",
    "@param other - ",
  ],
  ["x.square", "x.square", "(property) square: () => SharedVariable", "Square every element"],
  ["x.pow(3)", "x.pow", "(property) pow: (exponent: spdz.Operand) => SharedVariable", "@throws RangeError"],
  [
    "x.matmulLeft",
    "x.matmulLeft",
    "(property) matmulLeft: (left: spdz.Operand)",
    "@deprecated Write `ops.matmul",
  ],
  ["ops.square", "ops.square", "const square", "Square every element"],
  [
    "ops.sub(1, x)",
    "ops.sub",
    "const sub: (x: spdz.Operand, other: SharedVariable) => SharedVariable",
    "Subtract",
  ],
])("%s shows its signature and its text", async (code, at, signature, text) => {
  const shown = await hover(code, at);
  expect(shown).toContain(signature);
  expect(shown).toContain(text);
});

test("results are typed: secret if an operand is, plain if none is", async () => {
  const wrong = await kernel.run("const n: number = ops.sub(1, x)");
  expect(wrong.traceback).toContain("Type 'SharedVariable' is not assignable to type 'number'");
  const plain = await kernel.run("const m: number = ops.sub(1, [2])");
  expect(plain.traceback).toContain("Type 'FloatTensor' is not assignable to type 'number'");
  const exponent = await kernel.run('x.cumsum("2")');
  expect(exponent.traceback).toContain("is not assignable to parameter of type 'number'");
});

test("operations are completed", async () => {
  const reply = await kernel.request("complete_request", { code: "x.sig", cursor_pos: 5 });
  expect(reply.matches).toContain("sigmoid");
});
