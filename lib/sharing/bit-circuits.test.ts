import { expect, test } from "vitest";
import { seedOf } from "../../test/support/machines";
import { drawBytes } from "../crypto/bytes";
import { createPrg } from "../crypto/prg";
import {
  andsOf,
  andsOfDifference,
  type BitGates,
  difference,
  equality,
  signOfDifference,
} from "./bit-circuits";

/** Gates on machine words: a word's bit i belongs to number i. */
const plain: BitGates<number> = {
  xor: (x, y) => x ^ y,
  not: (x) => ~x,
  and: (pairs) => Promise.resolve(pairs.map(([x, y]) => x & y)),
};

/** Bit `place` of up to 32 numbers. */
const sliced = (numbers: readonly bigint[], width: number) =>
  Array.from({ length: width }, (_, place) =>
    numbers.reduce((word, number, i) => word | (Number((number >> BigInt(place)) & 1n) << i), 0),
  );

async function check(pairs: readonly (readonly [bigint, bigint])[], width: number, block?: number) {
  for (let at = 0; at < pairs.length; at += 32) {
    const some = pairs.slice(at, at + 32);
    const [y, r] = [0, 1].map((side) =>
      sliced(
        some.map((pair) => pair[side as 0 | 1]),
        width,
      ),
    );
    const signs = await signOfDifference(plain, y!, r!, block);
    for (const [i, [a, b]] of some.entries()) {
      const expected = Number(BigInt.asUintN(width, a - b) >> BigInt(width - 1));
      if (((signs >> i) & 1) !== expected) throw new Error(`${a} − ${b} mod 2^${width}, blocks of ${block}`);
    }
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  "the sign of every difference of two numbers of %d bits is right",
  async (width) => {
    const all = Array.from({ length: 2 ** width }, (_, i) => BigInt(i));
    const pairs = all.flatMap((a) => all.map((b) => [a, b] as const));
    for (const block of [1, 2, 3, 8]) await check(pairs, width, block);
  },
);

test("signs of random and of extreme numbers of 64 bits are right", async () => {
  const source = createPrg(seedOf(5));
  const random = () => new DataView(drawBytes(source, 8).slice().buffer).getBigUint64(0, true);
  const top = 1n << 63n;
  const extreme = [0n, 1n, 2n, top - 1n, top, top + 1n, 2n * top - 2n, 2n * top - 1n, 0x5555555555555555n];
  const pairs: (readonly [bigint, bigint])[] = extreme.flatMap((a) => extreme.map((b) => [a, b] as const));
  for (let i = 0; i < 20_000; i++) {
    const a = random();
    // Half of them differ in a few low bits only, so that borrows run far.
    pairs.push([
      a,
      i % 2 === 0 ? random() : BigInt.asUintN(64, a + (random() >> BigInt(i % 64)) - (1n << BigInt(i % 64))),
    ]);
  }
  await check(pairs, 64);
});

async function checkBits(pairs: readonly (readonly [bigint, bigint])[], width: number) {
  for (let at = 0; at < pairs.length; at += 32) {
    const some = pairs.slice(at, at + 32);
    const [y, r] = ([0, 1] as const).map((side) =>
      sliced(
        some.map((pair) => pair[side]),
        width,
      ),
    );
    const bits = await difference(plain, y!, r!);
    const expected = sliced(
      some.map(([a, b]) => BigInt.asUintN(width, a - b)),
      width,
    );
    const used = some.length === 32 ? -1 : (1 << some.length) - 1;
    expect(bits.map((word) => word & used)).toEqual(expected.map((word) => word & used));
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  "the bits of every difference of two numbers of %d bits are right",
  async (width) => {
    const all = Array.from({ length: 2 ** width }, (_, i) => BigInt(i));
    await checkBits(
      all.flatMap((a) => all.map((b) => [a, b] as const)),
      width,
    );
  },
);

test("the bits of differences of random and of extreme numbers are right, and take the ANDs that they say", async () => {
  const source = createPrg(seedOf(6));
  const random = () => new DataView(drawBytes(source, 8).slice().buffer).getBigUint64(0, true);
  for (let width = 1; width <= 64; width++) {
    const low = 2n ** BigInt(width);
    const extreme = [0n, 1n, low / 2n, low / 2n - 1n, low - 1n];
    const pairs = extreme.flatMap((a) => extreme.map((b) => [a, b] as const));
    for (let i = 0; i < 100; i++) {
      const a = random();
      // Half of them differ in a few low bits only, so that borrows run far.
      pairs.push([a, i % 2 === 0 ? random() : BigInt.asUintN(64, a + (random() >> BigInt(i % 64)))]);
    }
    await checkBits(pairs, width);
    expect(andsOfDifference(width)).toEqual(await andsOf(difference as never, width));
  }
  const ands = andsOfDifference(64);
  expect([ands.reduce((sum, each) => sum + each, 0), ands.length]).toEqual([166, 15]);
});

test.each([1, 2, 3, 4, 5])("equality of every two numbers of %d bits is right", async (width) => {
  const all = Array.from({ length: 2 ** width }, (_, i) => BigInt(i));
  for (const a of all) {
    const same = await equality(
      plain,
      sliced(all, width),
      sliced(
        all.map(() => a),
        width,
      ),
    );
    for (const [i, b] of all.entries()) expect((same >> i) & 1).toBe(a === b ? 1 : 0);
  }
});

test("equality of 64 bits sees a difference in any bit", async () => {
  const base = 0x0123456789abcdefn;
  for (let at = 0; at < 64; at++) {
    const numbers = [base, base ^ (1n << BigInt(at))];
    expect((await equality(plain, sliced(numbers, 64), sliced([base, base], 64))) & 3).toBe(1);
  }
});

test("circuits of 64 bits take the ANDs and rounds that they say", async () => {
  const sign = await andsOf(signOfDifference, 64);
  expect([sign.reduce((sum, ands) => sum + ands, 0), sign.length]).toEqual([122, 11]);
  expect(await andsOf(equality, 64)).toEqual([32, 16, 8, 4, 2, 1]);
  expect(await andsOf(signOfDifference, 1)).toEqual([]);
});

test("numbers of different widths are refused", async () => {
  await expect(signOfDifference(plain, [0, 0], [0])).rejects.toThrow(/got 2 and 1/);
  await expect(signOfDifference(plain, [], [])).rejects.toThrow(RangeError);
});
