// Networks that onnx wrote, and what onnxruntime computed by them (fixtures/make-onnx.py).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bothParties } from "../../test/support/parties";
import { type FloatTensor, io, type SharedVariable } from "../index";

const pair = bothParties();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-onnx-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  return pair.close();
});

const fixture = (name: string) => join(__dirname, "fixtures", name);

test.each(["perceptron", "convolution"])(
  "%s computes what onnxruntime computes, plain, public and secret",
  async (name) => {
    const model = await io.readOnnx(fixture(`${name}.onnx`));
    const { x, y } = (await io.readNpz(fixture(`${name}-onnx.npz`))) as { x: FloatTensor; y: FloatTensor };
    // It computed with float32.
    const plain = model.forward(x) as FloatTensor;
    expect(plain.shape).toEqual(y.shape);
    expect(plain.allClose(y, 2 ** -18)).toBe(true);
    const results = await pair.run(async (iface) => {
      const secret = await iface.input(1, () => x);
      return Promise.all(
        [model, model.lift(iface)].map((each) => (each.forward(secret) as SharedVariable).reveal()),
      );
    });
    for (const result of results) expect(result.allClose(y, 2 ** -10)).toBe(true);
  },
);

test("names the operator that is not read", async () => {
  await expect(io.readOnnx(fixture("unknown.onnx"))).rejects.toThrow(
    "readOnnx unknown.onnx: the operator Erf is not read",
  );
});

test("damaged files give a graph or an error of ours, at once", async () => {
  const path = join(folder, "changed.onnx");
  let refused = 0;
  const attempt = async (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    try {
      await io.readOnnx(path);
    } catch (error) {
      refused++;
      expect((error as Error).constructor).toBe(RangeError);
      expect((error as Error).message).toMatch(/^readOnnx changed\.onnx: /);
    }
  };
  for (const name of ["perceptron", "convolution"]) {
    const bytes = readFileSync(fixture(`${name}.onnx`));
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      await attempt(changed);
    }
    await attempt(bytes.subarray(0, bytes.length - 1));
  }
  expect(refused).toBeGreaterThan(100);
});
