// Files that NumPy and pyarrow wrote (fixtures/make.py), and damaged ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ring64 } from "../ring";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { readArrow, readParquet } from "./arrow";
import { readNpy, writeNpy } from "./npy";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => join(__dirname, "fixtures", name);

test.each(["f2", "f4", "f8", "big-endian", "version-3"])("reads floats (%s)", async (name) => {
  const x = await readNpy(fixture(`${name}.npy`));
  expect(x).toBeInstanceOf(FloatTensor);
  expect(x.toArray()).toEqual([
    [-1.5, 0, 2],
    [3, 4, 100],
  ]);
});

test.each(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])("reads integers (%s)", async (name) => {
  const x = await readNpy(fixture(`${name}.npy`));
  expect(x).toBeInstanceOf(LongTensor);
  expect(x.toArray()).toEqual([
    [name.startsWith("u") ? 1n : -1n, 0n, 2n],
    [3n, 4n, 100n],
  ]);
});

test("reads both orders of axes, extremes, scalars and booleans exactly", async () => {
  const x = await readNpy(fixture("fortran.npy"));
  expect(x.equals(LongTensor.arange(24).reshape(2, 3, 4) as never)).toBe(true);
  expect((await readNpy(fixture("extremes.npy"))).toArray()).toEqual([
    -(2n ** 63n),
    2n ** 63n - 1n,
    2n ** 53n + 1n,
  ]);
  expect((await readNpy(fixture("scalar.npy"))).toArray()).toBe(2.5);
  expect((await readNpy(fixture("booleans.npy"))).toArray()).toEqual([1n, 0n]);
});

test.each([
  ["complex", /dtype '<c16' is an array of complex numbers/],
  ["records", /the array holds records, dtype \[\('a', '<i4'\), \('b', '<f8'\)\]; save each field/],
  ["objects", /dtype '\|O' is an array of Python objects/],
  ["texts", /dtype '<U1' is an array of texts/],
])("refuses an array of %s by its dtype", async (name, message) => {
  await expect(readNpy(fixture(`${name}.npy`))).rejects.toThrow(message);
});

test("what writeNpy writes, readNpy reads, in any shape", async () => {
  const path = join(folder, "x.npy");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 4 }), fc.nat(), async (shape, seed) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const doubles = Float64Array.from({ length: size }, (_, i) => Math.sin(seed + i) * 2 ** (seed % 60));
      if (size > 2) doubles.set([Number.NaN, Number.NEGATIVE_INFINITY, -0]);
      const x = FloatTensor.from(doubles, shape);
      await writeNpy(path, x);
      const y = (await readNpy(path)) as FloatTensor;
      expect([y.shape, [...y.values]]).toEqual([x.shape, [...x.values]]);
      const words = Array.from({ length: size }, (_, i) =>
        BigInt.asIntN(64, 0x9e3779b97f4a7c15n * BigInt(seed + i)),
      );
      const n = longTensor(ring64.fromBigInts(words), shape, 0);
      await writeNpy(path, n);
      expect((await readNpy(path)).toArray()).toEqual(n.toArray());
    }),
    { numRuns: 60 },
  );
  await writeNpy(path, new Int16Array([-3, 4]));
  expect(readFileSync(path).subarray(0, 60).toString("latin1")).toContain("'descr': '<i2'");
  expect((await readNpy(path)).toArray()).toEqual([-3n, 4n]);
  await writeNpy(path, [[1n], [2n ** 60n]]);
  expect((await readNpy(path)).toArray()).toEqual([[1n], [2n ** 60n]]);
});

test("writeNpy refuses what .npy cannot hold", async () => {
  const share = longTensor(ring64.fromBigInts([5n]), [1], 0, { isShare: true });
  await expect(writeNpy(join(folder, "s.npy"), share)).rejects.toThrow("one party's share of a secret");
  await expect(writeNpy(join(folder, "s.npy"), encode([1.5]))).rejects.toThrow(
    "16 fractional bits, which the format cannot store",
  );
});

test("damaged and hostile headers are refused before anything is allocated", async () => {
  const good = readFileSync(fixture("f8.npy"));
  const path = join(folder, "bad.npy");
  const expectRefused = async (bytes: Uint8Array, message: RegExp) => {
    writeFileSync(path, bytes);
    await expect(readNpy(path)).rejects.toThrow(message);
  };
  const withText = (from: string, to: string) => {
    const text = good.toString("latin1").replace(from, to);
    return Buffer.from(text, "latin1");
  };
  await expectRefused(good.subarray(0, 5), /not a \.npy file/);
  await expectRefused(Buffer.from("PK\u0003\u0004 a zip file"), /not a \.npy file/);
  await expectRefused(good.subarray(0, good.length - 1), /cut off or damaged/);
  await expectRefused(Buffer.concat([good, Buffer.alloc(8)]), /cut off or damaged/);
  await expectRefused(withText("(2, 3)", "(2147483648, 9)"), /fewer than 2\^31/);
  await expectRefused(withText("(2, 3)", "(999999999, )"), /7999999992 bytes in all/);
  await expectRefused(withText("(2, 3)", "(-2, 3)"), /header cannot be read/);
  await expectRefused(withText("'shape'", "'shade'"), /header cannot be read/);
  const version = Buffer.from(good);
  version[6] = 9;
  await expectRefused(version, /version 9 is not known/);
  const long = Buffer.from(good);
  long.writeUInt16LE(60_000, 8);
  await expectRefused(long, /the header says that it has 60000 bytes/);
  writeFileSync(path, Buffer.concat([good.subarray(0, 10), withText("'<f8'", "'<u8'").subarray(10)]));
  await expect(readNpy(path)).rejects.toThrow(
    /element 0 is \d+, and a LongTensor holds integers below 2\^63/,
  );
  // Whatever the bytes are, it is a tensor or one of our errors.
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 127 }), fc.nat({ max: 255 }), async (at, byte) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      writeFileSync(path, bytes);
      const read = await readNpy(path).catch((error: Error) => error.message);
      if (typeof read === "string") expect(read).toMatch(/^readNpy bad\.npy: /);
    }),
    { numRuns: 300 },
  );
});

test.each(["patients.feather", "patients.arrows", "patients.parquet"])("reads %s", async (name) => {
  const read = name.endsWith("parquet") ? readParquet : readArrow;
  const table = await read(fixture(name), { missing: "keep" });
  const half = name.endsWith("parquet") ? [] : ["half"];
  expect(table.columns).toEqual(["age", "weight", "id", "sex", "smoker", "seen", ...half]);
  expect(table.column("age")).toEqual([63, 37, null]);
  expect(table.column("id")).toEqual([2n ** 60n + 1n, 2n, 3n]);
  expect(table.column("sex")).toEqual(["f", "m", "f"]);
  expect(table.column("smoker")).toEqual([true, false, null]);
  expect(table.column("seen")).toEqual([new Date(0), new Date(86_400_000), null]);
  expect(
    table
      .select("weight", ...half)
      .toTensor()
      .toArray(),
  ).toEqual(
    half.length > 0
      ? [
          [71.5, 0.5],
          [80.25, -2],
          [66, 65504],
        ]
      : [[71.5], [80.25], [66]],
  );
  expect(() => table.select("smoker").toTensor()).toThrow(
    'column "smoker" holds booleans, not numbers: row 0 is true',
  );
  expect(() => table.select("id").toTensor()).toThrow(/holds integers beyond 2\^53/);
  await expect(read(fixture(name))).rejects.toThrow('row 2, column "age" is missing');
});

test("reads buffers that LZ4 compressed", async () => {
  const table = await readArrow(fixture("wide-lz4.feather"));
  expect(table.size()).toEqual([20_000, 2]);
  expect(table.column("n").every((n, i) => n === i % 1000)).toBe(true);
  expect(table.column("text").every((text, i) => text === `row ${i % 7}`)).toBe(true);
});

test("refuses other compressions, other files and damaged ones", async () => {
  await expect(readArrow(fixture("patients-zstd.feather"))).rejects.toThrow(/without compression/);
  await expect(readParquet(fixture("ages-zstd.parquet"))).rejects.toThrow(/without compression/);
  await expect(readArrow(fixture("patients.parquet"))).rejects.toThrow("read it with io.readParquet");
  await expect(readArrow(join(folder, "none.feather"))).rejects.toThrow(/there is no file/);
  const path = join(folder, "damaged");
  for (const [name, read] of [
    ["wide-lz4.feather", readArrow],
    ["patients.parquet", readParquet],
  ] as const) {
    const good = readFileSync(fixture(name));
    for (const length of [0, 3, 100, Math.floor(good.length / 2)]) {
      writeFileSync(path, good.subarray(0, length));
      await expect(read(path)).rejects.toThrow(/^read(Arrow|Parquet) damaged: /);
    }
  }
});
