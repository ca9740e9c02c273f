import { describe, expect, test } from "vitest";
import { createLinkPair, runBoth, type Tap } from "../../../test/support/links";
import { drawSeed } from "../../../test/support/random";
import { dealSemiHonestOtStates } from "../../../test/support/semi-honest";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import { deal, expand } from "../../preprocessing/dealer/dealing/deal";
import { PLAIN, type RawVector } from "../../preprocessing/kinds/raw";
import { semiHonestMakers } from "../../preprocessing/semi-honest/items";
import { BigIntRing, type ByteSource, type Ring, type RingVector, ring64 } from "../../ring";
import { shareVector } from "../../sharing/additive";
import { carryDemand, compareByCarry } from "./compare-carry";
import { type Comparison, compareMasked, maskedDemand } from "./compare-masked";

type Compare = (
  ring: Ring,
  shares: readonly [RingVector, RingVector],
  comparison: Comparison,
  tap?: Tap,
) => Promise<[RingVector, RingVector]>;

let started = 0;

/** Both parties with items of a dealer. */
const masked: Compare = async (ring, shares, comparison, tap) => {
  const batch = { kind: "comparison", count: shares[0].length, start: started++ } as const;
  const seeds = [drawSeed(), drawSeed()] as const;
  const corrections = deal(batch, { layout: PLAIN, seeds });
  const items = [expand(batch, PLAIN, 0, seeds[0]), expand(batch, PLAIN, 1, seeds[1], corrections)] as const;
  return runBoth(
    createLinkPair(tap),
    (link) => compareMasked({ ring, link }, shares[0], comparison, items[0]),
    (link) => compareMasked({ ring, link }, shares[1], comparison, items[1]),
  );
};

const states = dealSemiHonestOtStates(31);

/** Both parties with items made by oblivious transfer. */
const byCarry: Compare = async (ring, shares, comparison, tap) => {
  const count = shares[0].length;
  const make = (kind: "wrap" | "carry") => {
    const of = (party: 0 | 1) => (link: OperationLink) =>
      semiHonestMakers[kind].make(link, states[party], count);
    return runBoth(createLinkPair(), of(0), of(1));
  };
  const [wrap, carry] = [await make("wrap"), await make("carry")];
  const items = (party: 0 | 1) => ({ carry: carry[party][0] as RawVector, wrap: wrap[party] });
  return runBoth(
    createLinkPair(tap),
    (link) => compareByCarry({ ring, link }, shares[0], comparison, items(0)),
    (link) => compareByCarry({ ring, link }, shares[1], comparison, items(1)),
  );
};

/** 64-bit words of every magnitude and both signs, and the values around every power of two. */
function everyMagnitude(count: number, random: ByteSource): bigint[] {
  const words = ring64.toBigInts(ring64.random(count, random));
  const drawn = words.map((word, i) => {
    const magnitude = BigInt.asUintN(i % 65, word);
    return (word >> 63n) & 1n ? -magnitude : magnitude;
  });
  const edges = Array.from({ length: 64 }, (_, i) => 1n << BigInt(i)).flatMap((power) =>
    [power - 1n, power, power + 1n].flatMap((x) => [x, -x]),
  );
  return [...edges, ...drawn].map((x) => BigInt.asIntN(64, x));
}

/** Pairs of shares of each value: random, and such that one of them, or both, lie at an edge. */
function sharedAtEdges(values: readonly bigint[]): [x: bigint[], first: bigint[]] {
  const firsts = [0n, 1n, -1n, 2n ** 62n, -(2n ** 62n), 2n ** 63n, 2n ** 63n - 1n];
  const pairs = values.flatMap((x) => firsts.flatMap((r) => [[x, r] as const, [x, x - r] as const]));
  return [pairs.map(([x]) => x), pairs.map(([, first]) => first)];
}

const expected = (x: bigint, comparison: Comparison) => {
  const value = BigInt.asIntN(64, x);
  return (comparison === "negative" ? value < 0n : value === 0n) ? 1n : 0n;
};

describe.each([
  ["with a dealer's masks", masked, maskedDemand, [[], [28, 29, 30, 31], [7], []]],
  [
    "by carries from oblivious transfer",
    byCarry,
    carryDemand,
    [[], [], [], [12, 13, 14, 15], [6, 7], [3, 4, 5, 6, 7], []],
  ],
] as const)("comparison with zero %s", (_, compare, demand, unused) => {
  describe.each(["negative", "zero"] as const)("%s", (comparison) => {
    test("is exact for 64-bit integers of every magnitude", async () => {
      const random = createPrg(drawSeed());
      const values = everyMagnitude(100_000, random);
      const x = ring64.fromBigInts(values);
      const [zero, one] = await compare(ring64, shareVector(x, random), comparison);
      const result = ring64.toBigInts(ring64.add(zero, one));
      const wrong = values.filter((value, i) => result[i] !== expected(value, comparison));
      expect(wrong).toEqual([]);
    });

    test.each([
      ["wasm", ring64],
      ["bigint", new BigIntRing(64)],
    ] as const)("is exact where values and shares lie at edges: %s", async (_, ring) => {
      const edges = [0n, 1n, -1n, 2n ** 62n, -(2n ** 62n), -(2n ** 63n), 2n ** 63n - 1n, 15n, 16n, -16n];
      const [x, first] = sharedAtEdges(edges);
      const shares = [first, x.map((value, i) => value - first[i]!)].map((each) => ring.fromBigInts(each));
      const [zero, one] = await compare(ring, shares as [RingVector, RingVector], comparison);
      expect(ring.toBigInts(ring.add(zero, one))).toEqual(x.map((value) => expected(value, comparison)));
    });
  });

  test.each([0, 1, 7, 8, 9, 127, 128, 129, 2047, 2048, 2049, 4100])("works on %d numbers", async (length) => {
    const random = createPrg(drawSeed());
    const x = ring64.random(length, random);
    const [zero, one] = await compare(ring64, shareVector(x, random), "negative");
    expect(ring64.equals(ring64.add(zero, one), ring64.shiftRight(x, 63))).toBe(true);
  });

  test("sends uniform bits, as many as the plan says, whatever is compared", async () => {
    const length = 16_384;
    for (const value of [0n, -1n, 2n ** 62n, -(2n ** 63n)]) {
      const sent: Uint8Array[][] = [[], []];
      const shares = shareVector(ring64.full(length, value), createPrg(drawSeed()));
      await compare(ring64, shares, "negative", ({ from, payload }) => sent[from]!.push(payload.slice()));
      const { rounds, bytes } = demand(length);
      for (const messages of sent) {
        expect(messages).toHaveLength(rounds);
        expect(messages.reduce((sum, message) => sum + message.length, 0)).toBe(bytes);
        for (const [i, message] of messages.entries()) {
          const size = Math.max(1, message.length / length);
          for (let bit = 0; bit < 8 * size; bit++) {
            const ones = onesAt(message, bit, 8 * size);
            const tosses = (message.length * 8) / (8 * size);
            // Six standard deviations of a fair coin.
            if ((unused[i] as readonly number[]).includes(bit))
              expect(ones, `message ${i}, bit ${bit}`).toBe(0);
            else
              expect(Math.abs(ones - tosses / 2), `message ${i}, bit ${bit}`).toBeLessThan(
                6 * Math.sqrt(tosses / 4),
              );
          }
        }
      }
    }
  });
});

/** How often a bit of every group of `size` bits is set. */
function onesAt(bytes: Uint8Array, bit: number, size: number): number {
  let ones = 0;
  for (let at = bit; at < 8 * bytes.length; at += size) ones += (bytes[at >> 3]! >> (at & 7)) & 1;
  return ones;
}
