import { expect, test } from "vitest";
import { seedOf } from "../../test/support/machines";
import { drawBytes } from "../crypto/bytes";
import { createPrg } from "../crypto/prg";
import { type BitGates, costOfSign, signOfDifference } from "./bit-circuits";

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

test("the sign of 64 bits takes 122 ANDs in 11 rounds", async () => {
  expect(await costOfSign(64)).toEqual({ ands: 122, rounds: 11 });
  expect(await costOfSign(1)).toEqual({ ands: 0, rounds: 0 });
});

test("numbers of different widths are refused", async () => {
  await expect(signOfDifference(plain, [0, 0], [0])).rejects.toThrow(/got 2 and 1/);
  await expect(signOfDifference(plain, [], [])).rejects.toThrow(RangeError);
});
