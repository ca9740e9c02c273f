import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { OtKernels } from "./kernels";

const random = createPrg(seedOf(8));
const kernels = new OtKernels();
const { run } = kernels;

/** Blocks as integers, and back. */
const integers = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length / 16 }, (_, i) =>
    bytes.subarray(16 * i, 16 * (i + 1)).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  );
const draw = (count: number) => drawBytes(random, 16 * count).slice();
const read = (at: number, count: number) => integers(kernels.read(at, 16 * count));
const bitOf = (packed: Uint8Array, i: number) => BigInt((packed[i >> 3]! >> (i & 7)) & 1);

test.each([1, 8, 13])("lowest bits of %d blocks are set, cleared, packed and used to choose", (count) => {
  const [blocks, others] = [draw(count), draw(count)];
  const bits = drawBytes(random, Math.ceil(count / 8)).slice();
  const block = draw(1);
  const [x, y] = [integers(blocks), integers(others)];
  const at = kernels.put(blocks);
  const packedAt = kernels.put(bits);
  run.setLow(at, packedAt, count);
  expect(read(at, count)).toEqual(x.map((value, i) => (value & ~1n) | bitOf(bits, i)));
  const to = kernels.put(new Uint8Array(16).fill(255));
  run.packLow(at, count, to);
  const packed = kernels.read(to, 16);
  for (let i = 0; i < 8 * Math.ceil(count / 8); i++)
    expect(bitOf(packed, i)).toBe(i < count ? bitOf(bits, i) : 0n);
  expect(packed.subarray(Math.ceil(count / 8)).every((byte) => byte === 255)).toBe(true);
  const sum = kernels.put(others);
  run.xorSelected(sum, kernels.put(blocks), at, count);
  expect(read(sum, count)).toEqual(y.map((value, i) => value ^ (bitOf(bits, i) * x[i]!)));
  run.xorChosen(sum, packedAt, kernels.put(block), count);
  const chosen = integers(block)[0]!;
  expect(read(sum, count)).toEqual(y.map((value, i) => value ^ (bitOf(bits, i) * (x[i]! ^ chosen))));
  run.clearLow(at, count);
  expect(read(at, count)).toEqual(x.map((value) => value & ~1n));
});

test.each([0, 3, 8, 29])("64 subset sums of %d blocks, and of elements, equal the plain ones", (count) => {
  const [blocks, start, subsets] = [draw(count), draw(64), drawBytes(random, count * 8).slice()];
  const takes = (i: number, j: number) => bitOf(subsets.subarray(8 * i), j);
  const to = kernels.put(start);
  run.subsetXors(kernels.put(blocks), kernels.put(subsets), count, to);
  const x = integers(blocks);
  expect(read(to, 64)).toEqual(
    integers(start).map((value, j) => x.reduce((sum, block, i) => sum ^ (takes(i, j) * block), value)),
  );
  const wide = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / 24 }, (_, i) =>
      bytes.subarray(i * 24, (i + 1) * 24).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n),
    );
  // Long runs of ones carry furthest.
  const elements = drawBytes(random, count * 24).fill(255, 0, 24 * (count >> 1));
  const before = drawBytes(random, 64 * 24);
  const sums = kernels.put(before);
  run.subsetSums192(kernels.put(elements), kernels.put(subsets), count, sums);
  expect(wide(kernels.read(sums, 64 * 24))).toEqual(
    wide(before).map((value, j) =>
      BigInt.asUintN(
        192,
        wide(elements).reduce((sum, element, i) => sum + takes(i, j) * element, value),
      ),
    ),
  );
});

test.each([1, 2, 4])("buckets of %d are combined as the plain ones", (size) => {
  const count = 5;
  const gates = count * size;
  const parts = [0, 1, 2].map(() => draw(gates));
  const [x, y, z] = parts.map(integers) as [bigint[], bigint[], bigint[]];
  const order = Uint32Array.from({ length: gates }, (_, i) => (7 * i + 3) % gates);
  const places = Array.from({ length: count }, (_, i) => [...order.subarray(i * size, (i + 1) * size)]);
  const orderAt = kernels.put(new Uint8Array(order.buffer));
  const [xs, ys, zs] = parts.map((bytes) => kernels.put(bytes)) as [number, number, number];
  const opened = count * (size - 1);
  const to = kernels.allocate(opened * 16);
  run.bucketDifferences(ys, orderAt, size, count, to);
  expect(read(to, opened)).toEqual(
    places.flatMap(([first, ...rest]) => rest.map((place) => y[first!]! ^ y[place]!)),
  );
  const bits = drawBytes(random, 16).slice();
  const [toX, toY, toZ] = [0, 1, 2].map(() => kernels.allocate(count * 16)) as [number, number, number];
  run.combineBuckets(xs, ys, zs, orderAt, kernels.put(bits), size, count, toX, toY, toZ);
  expect(read(toX, count)).toEqual(
    places.map((bucket) => bucket.reduce((sum, place) => sum ^ x[place]!, 0n)),
  );
  expect(read(toY, count)).toEqual(places.map(([first]) => y[first!]!));
  const product = (i: number, j: number, place: number) =>
    j === 0 ? 0n : bitOf(bits, i * (size - 1) + j - 1) * x[place]!;
  expect(read(toZ, count)).toEqual(
    places.map((bucket, i) => bucket.reduce((sum, place, j) => sum ^ z[place]! ^ product(i, j, place), 0n)),
  );
});

test("a side of leaky gates is as the formulas say", () => {
  const count = 3;
  const [h0, h1, hm, x, y, yKeys, z, zKeys, delta] = [...Array(8).fill(count), 1].map(draw) as Uint8Array[];
  const [to, s] = [kernels.allocate(count * 16), kernels.allocate(count * 16)];
  const put = (...arrays: Uint8Array[]) => arrays.map((bytes) => kernels.put(bytes)) as number[];
  for (const mask of [0xffff_ffff_ffff_fffen, 0xffff_ffff_ffff_ffffn]) {
    const [a, b, c, d, e, f, g, h] = put(h0!, h1!, hm!, x!, y!, yKeys!, z!, zKeys!) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    run.leakyGates(a, b, c, d, e, f, g, h, count, kernels.put(delta!), mask, to, s);
    const key = integers(delta!)[0]!;
    const macs = ((1n << 128n) - (1n << 64n)) | mask;
    const at = (bytes: Uint8Array | undefined, i: number) => integers(bytes!)[i]!;
    for (let i = 0; i < count; i++) {
      const sum = ((at(y, i) & 1n) * key) ^ at(yKeys, i) ^ (at(y, i) & macs);
      expect(read(to, count)[i]).toBe(at(h0, i) ^ at(h1, i) ^ sum);
      const rest = at(h0, i) ^ at(hm, i) ^ ((at(x, i) & 1n) * sum) ^ ((at(z, i) & 1n) * key);
      expect(read(s, count)[i]).toBe(rest ^ at(zKeys, i) ^ (at(z, i) & macs));
    }
  }
});
