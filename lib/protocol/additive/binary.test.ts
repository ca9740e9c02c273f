import { describe, expect, test } from "vitest";
import { BY_CARRIES, contextsOf, dealt, transferred, WITH_MASKS } from "../../../test/support/additive-items";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { drawSeed } from "../../../test/support/random";
import { createPrg } from "../../crypto/prg";
import { addNeeds } from "../../preprocessing/kinds/kinds";
import { BigIntRing, type Ring, type RingVector, ring64 } from "../../ring";
import { shareVector } from "../../sharing/additive";
import type { Demand } from "../demand";
import { and, bitsOf, fromBinary, toBinary } from "./binary";
import { bits, bitwiseAnd } from "./bits";
import type { AdditiveContext } from "./context";

const EDGES = [0n, 1n, -1n, 2n, 2n ** 32n, -(2n ** 32n), 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];

describe.each([
  ["with a dealer", WITH_MASKS, dealt],
  ["by oblivious transfer", BY_CARRIES, transferred],
] as const)("words of bits %s", (_, can, itemsOf) => {
  /** Run steps at both parties, with the items that they demand, and compare rounds and bytes. */
  async function both<T>(
    ring: Ring,
    demands: readonly Demand[],
    run: (ctx: AdditiveContext, party: 0 | 1) => Promise<T>,
  ): Promise<[T, T]> {
    const sent: number[] = [];
    const links = createLinkPair(({ from, payload }) => {
      if (from === 0) sent.push(payload.length);
    });
    const items = addNeeds(...demands.map((demand) => demand.items));
    const contexts = await contextsOf({ ring, can, items, itemsOf });
    const results = await runBoth(
      links,
      (link) => run({ ...contexts[0], link }, 0),
      (link) => run({ ...contexts[1], link }, 1),
    );
    const [rounds, bytes] = [
      demands.reduce((sum, demand) => sum + demand.rounds, 0),
      demands.reduce((sum, demand) => sum + demand.bytes, 0),
    ];
    expect([sent.length, sent.reduce((sum, size) => sum + size, 0)]).toEqual([rounds, bytes]);
    return results;
  }

  const opened = ([zero, one]: readonly [RingVector, RingVector]) => zero.ring.xor(zero, one);

  test.each([
    ["wasm", ring64],
    ["bigint", new BigIntRing(64)],
  ] as const)("are the bits of shared integers, and are multiplied: %s", async (_, ring) => {
    const random = createPrg(drawSeed());
    const drawn = ring.toBigInts(ring.random(40, random));
    const [x, y] = [
      [...EDGES, ...drawn],
      [...drawn, ...EDGES],
    ].map((values) => ring.fromBigInts(values)) as [RingVector, RingVector];
    const { length } = x;
    const [left, right] = [x, y].map((value) => shareVector(value, random)) as [
      [RingVector, RingVector],
      [RingVector, RingVector],
    ];
    const sizes = { length, width: 64 };
    const convert = toBinary.demand(sizes);
    const words = await both(ring, [convert, convert, and.demand(sizes)], async (ctx, party) => {
      const a = await toBinary.run(ctx, [left[party]], sizes);
      const b = await toBinary.run(ctx, [right[party]], sizes);
      return { a, b, product: await and.run(ctx, [a, b]) };
    });
    const of = (name: "a" | "b" | "product") => opened([words[0][name].words, words[1][name].words]);
    expect(ring.equals(of("a"), x)).toBe(true);
    expect(ring.equals(of("b"), y)).toBe(true);
    expect(ring.equals(of("product"), ring.and(x, y))).toBe(true);

    const back = await both(ring, [fromBinary.demand(sizes, { can })], (ctx, party) =>
      fromBinary.run(ctx, [words[party].product], sizes),
    );
    expect(ring.equals(ring.add(...back), ring.and(x, y))).toBe(true);
    const bits = await both(ring, [bitsOf.demand(sizes, { can })], (ctx, party) =>
      bitsOf.run(ctx, [words[party].a], sizes),
    );
    const expected = ring
      .toBigInts(x)
      .flatMap((word) => Array.from({ length: 64 }, (_, i) => (word >> BigInt(i)) & 1n));
    expect(ring.toBigInts(ring.add(...bits))).toEqual(expected);
  });

  test.each([1, 2, 3, 4, 5, 16, 17, 63])("of %d bits are the low bits of shared integers", async (width) => {
    const random = createPrg(drawSeed());
    const x = ring64.fromBigInts([...EDGES, ...ring64.toBigInts(ring64.random(20, random))]);
    const shares = shareVector(x, random);
    const sizes = { length: x.length, width };
    const results = await both(ring64, [bits.demand(sizes, { can })], (ctx, party) =>
      bits.run(ctx, [shares[party]], sizes),
    );
    const expected = ring64
      .toBigInts(x)
      .flatMap((word) => Array.from({ length: width }, (_, i) => (word >> BigInt(i)) & 1n));
    expect(ring64.toBigInts(ring64.add(...results))).toEqual(expected);
  });

  test("of two numbers are multiplied at once", async () => {
    const random = createPrg(drawSeed());
    const [x, y] = [ring64.random(11, random), ring64.random(11, random)];
    const [left, right] = [shareVector(x, random), shareVector(y, random)];
    const sizes = { length: 11 };
    const results = await both(ring64, [bitwiseAnd.demand(sizes, { can })], (ctx, party) =>
      bitwiseAnd.run(ctx, [left[party], right[party]], sizes),
    );
    expect(ring64.equals(ring64.add(...results), ring64.and(x, y))).toBe(true);
  });

  test.each([0, 1, 31, 32, 33, 2049])("work for %d words", async (length) => {
    const random = createPrg(drawSeed());
    const [x, y] = [ring64.random(length, random), ring64.random(length, random)];
    const share = (value: RingVector) => {
      const first = ring64.random(length, random);
      return [first, ring64.xor(value, first)] as const;
    };
    const [left, right] = [share(x), share(y)];
    const words = await both(ring64, [and.demand({ length })], (ctx, party) =>
      and.run(ctx, [{ words: left[party] }, { words: right[party] }]),
    );
    expect(ring64.equals(opened([words[0].words, words[1].words]), ring64.and(x, y))).toBe(true);
  });

  test("are opened under uniform masks only", async () => {
    const length = 4096;
    const random = createPrg(drawSeed());
    const shares = shareVector(ring64.full(length, 5n), random);
    const sent: Uint8Array[] = [];
    const sizes = { length, width: 64 };
    const { items } = toBinary.demand(sizes);
    const contexts = await contextsOf({ ring: ring64, can, items, itemsOf });
    const run = (party: 0 | 1) => (link: AdditiveContext["link"]) =>
      toBinary.run({ ...contexts[party], link }, [shares[party]], sizes);
    await runBoth(
      createLinkPair(({ payload }) => sent.push(payload.slice())),
      run(0),
      run(1),
    );
    for (const message of sent) {
      const count = message.length / 8;
      const words = ring64.fromBytes(message, count);
      for (let i = 0; i < 64; i++) {
        const ones = Number(ring64.sum(ring64.bit(words, i)));
        // Six standard deviations of a fair coin.
        expect(Math.abs(ones - count / 2)).toBeLessThan(6 * Math.sqrt(count / 4));
      }
    }
  });
});
