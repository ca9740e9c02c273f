import { expect, test } from "vitest";
import { fc } from "../../test/support/random";
import { createPrg } from "../crypto/prg";
import { BigIntRing, type RingVector, ring128 } from "../ring";
import { drawWeights, sumSubsets, WIDTHS } from "./mac-rows";

const reference = new BigIntRing(128);
const WORD = (1n << 64n) - 1n;
const element = fc.oneof(
  fc.bigInt(0n, (1n << 128n) - 1n),
  fc.constantFrom(0n, 1n, WORD, 1n << 64n, (1n << 128n) - 1n, 0xffffffffn),
);
const word = fc.oneof(fc.bigInt(0n, WORD), fc.constantFrom(0n, 1n, WORD));

test.skipIf(!ring128.subsetSums)("the kernel's sums of subsets equal the reference's", () => {
  const openings = fc.integer({ min: 0, max: 70 }).chain((n) => {
    const size = { minLength: n, maxLength: n };
    return fc.record({
      values: fc.array(element, size),
      macs: fc.array(element, size),
      opened: fc.array(word, size),
      seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    });
  });
  fc.assert(
    fc.property(openings, ({ values, macs, opened, seed }) => {
      const subsets = new Uint8Array(Math.ceil(values.length / 4) * 32);
      createPrg(seed).fill(subsets);
      const sums = [ring128, reference].map((ring) => {
        const of = (vector: readonly bigint[]) => ring.fromBigInts(vector);
        const made = sumSubsets({ values: of(values), macs: of(macs), opened: of(opened) }, subsets, {
          ...WIDTHS,
          ring,
        });
        const plain = (vector: RingVector) => ring.toBigInts(vector);
        return {
          values: plain(made.values),
          macs: plain(made.macs),
          opened: plain(made.opened).map((sum) => sum & WORD),
        };
      });
      expect(sums[0]).toEqual(sums[1]);
    }),
    { numRuns: 200 },
  );
});

test("every element is in half of the rows, and every subset of a few is as likely as any other", () => {
  const n = 8;
  const counts = new Map<number, number>();
  const draws = 400;
  for (let i = 0; i < draws; i++) {
    const seed = new Uint8Array(16);
    new DataView(seed.buffer).setUint32(0, i);
    const subsets = new Uint8Array(Math.ceil(n / 4) * 32);
    createPrg(seed).fill(subsets);
    const values = ring128.fromBigInts(Array.from({ length: n }, (_, j) => 1n << BigInt(j)));
    const sums = sumSubsets({ values, macs: values, opened: values }, subsets, WIDTHS);
    for (const sum of ring128.toBigInts(sums.values))
      counts.set(Number(sum), (counts.get(Number(sum)) ?? 0) + 1);
  }
  const expected = (draws * WIDTHS.rows) / 2 ** n;
  const chi = Array.from({ length: 2 ** n }, (_, set) => ((counts.get(set) ?? 0) - expected) ** 2 / expected);
  // 255 degrees of freedom: mean 255, deviation 22.6; the seeds are fixed.
  expect(chi.reduce((sum, part) => sum + part, 0)).toBeLessThan(370);
});

test("subsets of a wrong size are refused", () => {
  const values = ring128.zeros(5);
  expect(() => ring128.subsetSums?.({ values, macs: values, opened: values }, new Uint8Array(63))).toThrow(
    /must have 64 bytes, got 63/,
  );
});

test("weights have s bits", () => {
  const source = createPrg(new Uint8Array(16));
  const toy = { ring: new BigIntRing(9), low: 4, weight: 5, rows: 4 };
  const drawn = toy.ring.toBigInts(drawWeights(source, 4000, toy));
  expect(new Set(drawn).size).toBe(32);
  expect(drawn.every((weight) => weight < 32n)).toBe(true);
  expect(ring128.toBigInts(drawWeights(source, 100, WIDTHS)).every((weight) => weight <= WORD)).toBe(true);
});
