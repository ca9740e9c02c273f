// Files of several tensors that NumPy and safetensors wrote (fixtures/make-named.py), and damaged ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ring64 } from "../ring";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { readNpz, writeNpz } from "./npz";
import { readSafetensors, writeSafetensors } from "./safetensors";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-named-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => join(__dirname, "fixtures", name);
const formats = [
  { name: "npz", read: readNpz, write: writeNpz, files: ["named.npz", "named-compressed.npz"] },
  {
    name: "safetensors",
    read: readSafetensors,
    write: writeSafetensors,
    files: ["named.safetensors"],
  },
];

test.each(formats.flatMap(({ read, files }) => files.map((file) => ({ read, file }))))(
  "reads $file",
  async ({ read, file }) => {
    const { bool, scalar, empty, zeros, ...others } = await read(fixture(file));
    for (const [name, tensor] of Object.entries(others)) {
      const low = name.startsWith("uint") ? 1 : -1;
      const float = name.includes("float");
      expect(tensor).toBeInstanceOf(float ? FloatTensor : LongTensor);
      expect(tensor.toArray()).toEqual(
        float
          ? [
              [-1.5, 0, 2],
              [3, 4, 100],
            ]
          : [
              [BigInt(low), 0n, 2n],
              [3n, 4n, 100n],
            ],
      );
    }
    expect(Object.keys(others)).toHaveLength(file.endsWith("npz") ? 11 : 12);
    expect(bool!.toArray()).toEqual([1n, 0n]);
    expect(scalar!.toArray()).toBe(2.5);
    expect(empty!.shape).toEqual([0, 3]);
    if (zeros) expect((zeros as FloatTensor).equals(FloatTensor.zeros(20_000))).toBe(true);
  },
);

test.each(formats)("what is written as $name is read again, every bit", async ({ name, read, write }) => {
  const path = join(folder, `again.${name}`);
  const small = Int8Array.of(-1, 2, 3);
  const floats = new FloatTensor([[Number.NaN, -0, Number.NEGATIVE_INFINITY, 1 / 3]]);
  const words = new LongTensor([2n ** 63n - 1n, -(2n ** 63n)]);
  await write(path, { small, "a.b": floats, words, ü: 2.5 });
  const back = await read(path);
  expect(Object.keys(back).sort()).toEqual(["a.b", "small", "words", "ü"]);
  expect([...(back["a.b"] as FloatTensor).values]).toEqual([...floats.values]);
  expect(back["a.b"]!.shape).toEqual([1, 4]);
  expect(back.small!.toArray()).toEqual([-1n, 2n, 3n]);
  expect(back.words!.toArray()).toEqual(words.toArray());
  expect(back.ü!.toArray()).toBe(2.5);
});

test.each(formats)("$name takes no share and no tensor without a name", async ({ write }) => {
  const path = join(folder, "none");
  const share = longTensor(ring64.fromBigInts([12345n]), [1], 0, { isShare: true });
  await expect(write(path, { share })).rejects.toThrow(/"share": this tensor is one party's share/);
  await expect(write(path, new FloatTensor([1]) as never)).rejects.toThrow(/pass the tensors by name/);
  expect(() => readFileSync(path)).toThrow();
});

/** Read changed bytes; anything but a tensor or an error of ours is a fault. */
async function readChanged(read: (path: string) => Promise<object>, bytes: Uint8Array): Promise<string> {
  const path = join(folder, "changed");
  writeFileSync(path, bytes);
  try {
    await read(path);
    return "read";
  } catch (error) {
    expect((error as Error).constructor).toBeOneOf([RangeError, TypeError]);
    expect((error as Error).message).toMatch(/^read(Npz|Safetensors) changed: /);
    return "refused";
  }
}

test.each(formats.flatMap(({ read, files }) => files.map((file) => ({ read, file }))))(
  "damaged files are refused by name: $file",
  async ({ read, file }) => {
    const bytes = readFileSync(fixture(file));
    for (let i = 0; i < 15; i++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * i) / 15));
      expect(await readChanged(read, cut)).toBe("refused");
    }
    // A changed element may be another number where the format has no checksum; a changed length may not.
    let refused = 0;
    for (let i = 0; i < 120; i++) {
      const changed = Buffer.from(bytes);
      changed[Math.floor((bytes.length * i) / 120)]! ^= 1 << (i % 8);
      if ((await readChanged(read, changed)) === "refused") refused++;
    }
    expect(refused).toBeGreaterThan(file.endsWith("npz") ? 60 : 12);
  },
);

test("refuses what a safetensors header may not say", async () => {
  const made = (header: unknown, data: number) => {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, Buffer.alloc(data)]);
  };
  const entry = (shape: unknown, ...offsets: unknown[]) => ({ dtype: "F32", shape, data_offsets: offsets });
  const path = join(folder, "made.safetensors");
  const cases: [unknown, number, RegExp][] = [
    [{ x: entry([2], 0, 8) }, 12, /have 8 bytes, and the file holds 12/],
    [{ x: entry([2], 0, 4) }, 4, /"x" has another length than its shape \[2\]/],
    [{ x: entry([1], 4, 8) }, 8, /does not follow/],
    [{ x: entry([1], 0, 4), y: entry([1], 0, 4) }, 4, /does not follow/],
    [{ x: entry([2 ** 40], 0, 2 ** 42) }, 4, /"x"/],
    [{ x: entry([-1], 0, -4) }, 4, /does not describe "x"/],
    [{ x: entry(["1"], 0, 4) }, 4, /does not describe "x"/],
    [{ x: null }, 0, /does not describe "x"/],
    [[], 0, /not an object/],
    [{ x: { ...entry([1], 0, 1), dtype: "F8_E4M3" } }, 1, /type F8_E4M3, which is not read/],
    [{ x: { ...entry([1], 0, 1), dtype: "constructor" } }, 1, /type constructor, which is not read/],
  ];
  for (const [header, data, message] of cases) {
    writeFileSync(path, made(header, data));
    await expect(readSafetensors(path)).rejects.toThrow(message);
  }
  writeFileSync(path, made({ x: entry([1], 0, 4) }, 4));
  expect((await readSafetensors(path)).x!.toArray()).toEqual([0]);
});
