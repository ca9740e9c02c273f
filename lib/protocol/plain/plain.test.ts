import { readdirSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { fc } from "../../../test/support/random";
import { type RingVector, ring64, ring128 } from "../../ring";
import type { Step } from "../step";
import { bits, bitwiseAnd } from "./bits";
import { compare, select } from "./compare";
import type { Cut } from "./context";
import { truncate } from "./truncate";
import { fromWords, toWords, wrapTo } from "./values";

const exact = (values: readonly bigint[]) => ring128.fromBigInts(values);
const integers = (bits: number) =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });

test("exact values wrap to the signed integer that equals them mod 2^bits", () => {
  fc.assert(
    fc.property(fc.array(integers(127)), fc.integer({ min: 2, max: 100 }), (values, bits) => {
      const wrapped = ring128.toSignedBigInts(wrapTo(exact(values), bits));
      expect(wrapped).toEqual(values.map((value) => BigInt.asIntN(bits, value)));
    }),
  );
});

test("words are read as signed integers, and exact values give their low words", () => {
  fc.assert(
    fc.property(fc.array(integers(127)), (values) => {
      const words = toWords(exact(values));
      expect(ring64.toBigInts(words)).toEqual(values.map((value) => BigInt.asUintN(64, value)));
      expect(ring128.toSignedBigInts(fromWords(words))).toEqual(
        values.map((value) => BigInt.asIntN(64, value)),
      );
    }),
  );
});

describe("a truncation in the clear", () => {
  it("rounds down, and reports what it had before", () => {
    fc.assert(
      fc.property(fc.array(integers(63)), fc.integer({ min: 1, max: 62 }), (values, bits) => {
        const cuts: Cut[] = [];
        const ctx = { ring: ring128, party: 0, cut: (cut: Cut) => void cuts.push(cut) } as const;
        const cut = truncate(ctx, [exact(values)], { length: values.length, bits });
        expect(ring128.toSignedBigInts(cut)).toEqual(values.map((value) => value >> BigInt(bits)));
        expect(cuts.map(({ before }) => ring128.toSignedBigInts(before))).toEqual([values]);
      }),
    );
  });

  it("of a product beyond 64 bits computes with what is left of it mod 2^64", () => {
    const ctx = { ring: ring128, party: 0, cut: () => undefined } as const;
    const cut = truncate(ctx, [exact([2n ** 64n + 32n, 2n ** 63n])], { length: 2, bits: 4 });
    expect(ring128.toSignedBigInts(cut)).toEqual([2n, -(2n ** 59n)]);
  });
});

const inTheClear = { ring: ring128, party: 0, cut: () => undefined } as const;

test("comparisons see values mod 2^64, and select multiplies by them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(integers(66), integers(60))), (pairs) => {
      const [x, y] = [exact(pairs.map(([each]) => each)), exact(pairs.map(([, each]) => each))];
      const words = pairs.map(([each]) => BigInt.asIntN(64, each));
      const sizes = { length: pairs.length };
      const negative = compare(inTheClear, [x], { ...sizes, comparison: "negative" });
      const zero = compare(inTheClear, [x], { ...sizes, comparison: "zero" });
      const both = select(inTheClear, [x, y], { ...sizes, comparison: "negative" });
      expect(ring128.toSignedBigInts(negative)).toEqual(words.map((word) => (word < 0n ? 1n : 0n)));
      expect(ring128.toSignedBigInts(zero)).toEqual(words.map((word) => (word === 0n ? 1n : 0n)));
      expect(ring128.toSignedBigInts(both)).toEqual([
        ...words.map((word) => (word < 0n ? 1n : 0n)),
        ...pairs.map(([, each], i) => (words[i]! < 0n ? each : 0n)),
      ]);
    }),
  );
  const wrapped = compare(inTheClear, [exact([2n ** 64n, 2n ** 63n])], { length: 2, comparison: "zero" });
  expect(ring128.toSignedBigInts(wrapped)).toEqual([1n, 0n]);
});

test("bits are those of values mod 2^64, and AND goes bit by bit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(integers(66), integers(66))),
      fc.integer({ min: 1, max: 64 }),
      (pairs, width) => {
        const [x, y] = [0, 1].map((i) => exact(pairs.map((pair) => pair[i]!))) as [RingVector, RingVector];
        const length = pairs.length;
        const both = ring128.toSignedBigInts(bitwiseAnd(inTheClear, [x, y]));
        expect(both).toEqual(pairs.map(([a, b]) => BigInt.asIntN(64, a & b)));
        const expected = pairs.flatMap(([a]) =>
          Array.from({ length: width }, (_, i) => (a >> BigInt(i)) & 1n),
        );
        expect(ring128.toSignedBigInts(bits(inTheClear, [x], { length, width }))).toEqual(expected);
      },
    ),
    { numRuns: 20 },
  );
});

const files = readdirSync(`${__dirname}/../steps`)
  .filter((file) => !file.includes(".test."))
  .map((file) => file.replace(".ts", ""));

test.each(files)("every step of %s has a plain meaning", async (file) => {
  const steps = Object.entries((await import(`../steps/${file}.ts`)) as Record<string, Step>);
  const defined = steps.filter(([, step]) => step.protocols);
  expect(defined.length).toBeGreaterThan(0);
  for (const [name, { protocols }] of defined) expect(protocols.plain, name).toBeDefined();
});
