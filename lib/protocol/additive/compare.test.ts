import { describe, expect, test } from "vitest";
import {
  BY_CARRIES,
  contextsOf,
  dealt,
  type ItemSource,
  transferred,
  WITH_MASKS,
} from "../../../test/support/additive-items";
import { createLinkPair, runBoth, type Tap } from "../../../test/support/links";
import { drawSeed } from "../../../test/support/random";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import type { Capabilities } from "../../preprocessing/producer";
import { BigIntRing, type ByteSource, type Ring, type RingVector, ring64 } from "../../ring";
import { shareVector } from "../../sharing/additive";
import { compare, select } from "./compare";
import type { Comparison } from "./compare-masked";

type Vectors = readonly [RingVector, RingVector];
/** Both parties' shares, of x, and of y where it is to be multiplied. */
type Compare = (
  ring: Ring,
  x: Vectors,
  comparison: Comparison,
  options?: { readonly y?: Vectors; readonly tap?: Tap },
) => Promise<Vectors>;

/** Run the step with items of that source. */
function comparing(can: Capabilities, itemsOf: ItemSource): Compare {
  return async (ring, x, comparison, { y, tap } = {}) => {
    const { length } = x[0];
    const sizes = { length, comparison };
    const { items } = (y ? select : compare).demand(sizes, { can });
    const contexts = await contextsOf({ ring, can, items, itemsOf });
    const run = (party: 0 | 1) => (link: OperationLink) => {
      const ctx = { ...contexts[party], link };
      return y ? select.run(ctx, [x[party], y[party]], sizes) : compare.run(ctx, [x[party]], sizes);
    };
    return runBoth(createLinkPair(tap), run(0), run(1));
  };
}

const masked = comparing(WITH_MASKS, dealt);
const byCarry = comparing(BY_CARRIES, transferred);

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
  ["with a dealer's masks", masked, WITH_MASKS, [[], [28, 29, 30, 31], [7], []]],
  [
    "by carries from oblivious transfer",
    byCarry,
    BY_CARRIES,
    [[], [], [], [12, 13, 14, 15], [6, 7], [3, 4, 5, 6, 7], []],
  ],
] as const)("comparison with zero %s", (_, run, can, unused) => {
  describe.each(["negative", "zero"] as const)("%s", (comparison) => {
    test("is exact for 64-bit integers of every magnitude", async () => {
      const random = createPrg(drawSeed());
      const values = everyMagnitude(100_000, random);
      const x = ring64.fromBigInts(values);
      const [zero, one] = await run(ring64, shareVector(x, random), comparison);
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
      const [zero, one] = await run(ring, shares as [RingVector, RingVector], comparison);
      expect(ring.toBigInts(ring.add(zero, one))).toEqual(x.map((value) => expected(value, comparison)));
    });
  });

  test.each([0, 1, 7, 8, 9, 127, 128, 129, 2047, 2048, 2049, 4100])("works on %d numbers", async (length) => {
    const random = createPrg(drawSeed());
    const x = ring64.random(length, random);
    const [zero, one] = await run(ring64, shareVector(x, random), "negative");
    expect(ring64.equals(ring64.add(zero, one), ring64.shiftRight(x, 63))).toBe(true);
  });

  test.each([0, 1, 8, 9, 2049, 5000])("selects %d numbers, in as many rounds", async (length) => {
    const random = createPrg(drawSeed());
    const values = everyMagnitude(length, random).slice(-length);
    const x = ring64.fromBigInts(length === 0 ? [] : values);
    const y = ring64.random(length, random);
    const sent: number[] = [];
    const tap: Tap = ({ from, payload }) => {
      if (from === 1) sent.push(payload.length);
    };
    for (const comparison of ["negative", "zero"] as const) {
      sent.length = 0;
      const shares = { y: shareVector(y, random), tap };
      const [zero, one] = await run(ring64, shareVector(x, random), comparison, shares);
      const both = ring64.add(zero, one);
      const chosen = ring64.compareScalar(x, comparison === "negative" ? "<" : "==", 0n);
      expect(ring64.equals(ring64.slice(both, 0, length), chosen)).toBe(true);
      expect(ring64.equals(ring64.slice(both, length, 2 * length), ring64.mul(chosen, y))).toBe(true);
      const { rounds, bytes } = select.demand({ length, comparison }, { can });
      expect(rounds).toBe(compare.demand({ length, comparison }, { can }).rounds);
      expect([sent.length, sent.reduce((sum, size) => sum + size, 0)]).toEqual([rounds, bytes]);
    }
  });

  test("sends uniform bits, as many as the plan says, whatever is compared", async () => {
    const length = 16_384;
    for (const value of [0n, -1n, 2n ** 62n, -(2n ** 63n)]) {
      const sent: Uint8Array[][] = [[], []];
      const shares = shareVector(ring64.full(length, value), createPrg(drawSeed()));
      const tap: Tap = ({ from, payload }) => sent[from]!.push(payload.slice());
      await run(ring64, shares, "negative", { tap });
      const { rounds, bytes } = compare.demand({ length, comparison: "negative" }, { can });
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
