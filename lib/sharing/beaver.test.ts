import { expect, test } from "vitest";
import { drawSeed, fc } from "../../test/support/random";
import { createPrg } from "../crypto/prg";
import { type RingVector, ring128, type SharedProducts } from "../ring";
import type { AuthenticatedVector, MacKey } from "./authenticated";
import { beginProduct, endProduct } from "./beaver";
import { type Opening, OpeningLog } from "./opening";

const WORD = (1n << 64n) - 1n;
const edges = [0n, 1n, WORD, 1n << 64n, (1n << 64n) - 1n, (1n << 128n) - 1n, 1n << 127n];
const element = fc.oneof(fc.bigInt(0n, (1n << 128n) - 1n), fc.constantFrom(...edges));
const word = fc.oneof(fc.bigInt(0n, WORD), fc.constantFrom(0n, 1n, WORD));

/** n elements of x, y, a, b, c and of their MACs, what the other party sends, and a key. */
const products = fc.integer({ min: 0, max: 9 }).chain((n) => {
  const vector = fc.array(element, { minLength: n, maxLength: n });
  return fc.record({
    vectors: fc.array(vector, { minLength: 10, maxLength: 10 }),
    theirs: fc.uint8Array({ minLength: 16 * n, maxLength: 16 * n }),
    alpha: word,
    party: fc.constantFrom(0 as const, 1 as const),
  });
});

function multiply(vectors: bigint[][], key: MacKey, theirs: Uint8Array, kernels: SharedProducts | null) {
  const pair = (at: number): AuthenticatedVector => ({
    value: ring128.fromBigInts(vectors[at]!),
    mac: ring128.fromBigInts(vectors[at + 1]!),
  });
  const bytes = (at: number) => ({
    values: ring128.toBytes(pair(at).value),
    macs: ring128.toBytes(pair(at).mac),
  });
  const triple = [bytes(4), bytes(6), bytes(8)];
  const log = new OpeningLog();
  const begun = beginProduct(pair(0), pair(2), triple, kernels);
  const message = [...begun.message];
  const product = endProduct(key, log, triple, begun, theirs, kernels);
  const plain = (vector: RingVector) => ring128.toBigInts(vector);
  const noted = log.drain().map(({ values, macs, opened }: Opening) => ({
    values: plain(values),
    macs: plain(macs),
    opened: plain(opened),
  }));
  return { message, noted, value: plain(product.value), mac: plain(product.mac) };
}

const fused = test.skipIf(!ring128.sharedProducts);

fused("both halves of a product give in one pass what the ring's operations give step by step", () => {
  fc.assert(
    fc.property(products, ({ vectors, theirs, alpha, party }) => {
      const key = { party, alpha };
      const whole = multiply(vectors, key, theirs, ring128.sharedProducts!);
      expect(whole).toEqual(multiply(vectors, key, theirs, null));
    }),
    { numRuns: 1000 },
  );
});

fused("operands of other lengths are refused", () => {
  const kernels = ring128.sharedProducts!;
  const random = (length: number) => ring128.random(length, createPrg(drawSeed()));
  const pair = (length: number) => ({ value: random(length), mac: random(length) });
  const bytes = (length: number) => ({
    values: new Uint8Array(16 * length),
    macs: new Uint8Array(16 * length),
  });
  const triple = [bytes(3), bytes(3), bytes(3)];
  expect(() => kernels.mask(pair(3), pair(2), triple)).toThrow(/lengths 3 and 2/);
  expect(() => kernels.mask({ value: random(3), mac: random(4) }, pair(3), triple)).toThrow(
    /lengths 3 and 4/,
  );
  expect(() => kernels.mask(pair(3), pair(3), [bytes(3), bytes(2), bytes(3)])).toThrow(RangeError);
  const words = new Uint8Array(48);
  expect(() => kernels.multiply(triple, words, words.subarray(1), 1n, true)).toThrow(RangeError);
  expect(() => kernels.multiply([bytes(3), bytes(3), bytes(4)], words, words, 1n, true)).toThrow(RangeError);
});
