import { describe, expect, test } from "vitest";
import { joinBits, toBitVector } from "../../../../test/support/bits";
import { createLinkPair, runBoth } from "../../../../test/support/links";
import { dealOtStates, seedOf } from "../../../../test/support/machines";
import { createPrg } from "../../../crypto/prg";
import { BLOCK, bitCount, sliceBits } from "../../../sharing/bits";
import type { OtState } from "../ot-state";
import { resumeOtState, seedsOf } from "../seeds";
import { makeAndTriples } from "./and-triples";
import { bucketSize, drawOrder } from "./buckets";
import { makeLeakyAnds } from "./leaky-ands";
import { bitKeyOf, makeRandomBits } from "./random-bits";

const states = dealOtStates();
const keys = states.map(bitKeyOf) as [ReturnType<typeof bitKeyOf>, ReturnType<typeof bitKeyOf>];

/** Run both parties, and read what each made. */
async function both<T>(make: (link: Parameters<typeof makeAndTriples>[0], state: OtState) => Promise<T>) {
  return runBoth(
    createLinkPair(),
    (link) => make(link, states[0]),
    (link) => make(link, states[1]),
  );
}

const share = (bits: readonly number[]) => bits.reduce((sum, bit) => sum + bit, 0) / bits.length;

test("random bits have MACs under the keys of the other party, and are random", async () => {
  const made = await both(async (link, state) => {
    const { kernels } = state;
    const mark = kernels.mark;
    const { own, keys } = await makeRandomBits(link, state, 1024);
    const shares = { own: kernels.read(own, 1024 * BLOCK), keys: kernels.read(keys, 1024 * BLOCK) };
    kernels.release(mark);
    return shares;
  });
  const bits = joinBits(made, keys);
  expect(bits).toHaveLength(1024);
  expect(Math.abs(share(bits) - 0.5)).toBeLessThan(0.07);
  for (const { own, keys } of made) {
    expect(Math.abs(share(Array.from({ length: 1024 }, (_, i) => own[i * BLOCK]! & 1)) - 0.5)).toBeLessThan(
      0.07,
    );
    expect(keys.every((byte, i) => i % BLOCK !== 0 || (byte & 1) === 0)).toBe(true);
  }
});

test("the keys differ in the lowest bit that leaky ANDs use, and are otherwise those of the extension", () => {
  keys.forEach(({ delta, party }, i) => {
    expect(party).toBe(i);
    expect(delta[0]! & 1).toBe(1);
    expect(delta.slice(1)).toEqual(states[i]!.sender.delta.slice(1));
  });
});

test("after a restart the keys are the same, so that kept triples go with new ones", async () => {
  const resumed = states.map((state, party) => {
    const seeds = seedsOf(state);
    return resumeOtState(
      party as 0 | 1,
      { session: new Uint8Array(32).fill(5), seeds, steps: 1 },
      state.identity.random,
    ).state;
  }) as [OtState, OtState];
  expect(resumed.map(bitKeyOf)).toEqual(keys);
  const made = await runBoth(
    createLinkPair(),
    (link) => makeAndTriples(link, resumed[0], 512),
    (link) => makeAndTriples(link, resumed[1], 512),
  );
  expect(joinBits([toBitVector(made[0][0]), toBitVector(made[1][0])], keys)).toHaveLength(512);
});

test.each([1, 100, 2049])("%d leaky ANDs are ANDs", async (count) => {
  const made = await both(async (link, state) => {
    const { kernels } = state;
    const mark = kernels.mark;
    const leaky = await makeLeakyAnds(link, state, count);
    const read = (at: number) => kernels.read(at, count * BLOCK);
    const shares = [leaky.x, leaky.y, leaky.z].map(({ own, keys }) => ({ own: read(own), keys: read(keys) }));
    kernels.release(mark);
    return shares;
  });
  const [x, y, z] = [0, 1, 2].map((i) => joinBits([made[0][i]!, made[1][i]!], keys)) as [
    number[],
    number[],
    number[],
  ];
  expect(z).toEqual(x.map((bit, i) => bit & y[i]!));
});

describe.each([512, 515, 3072])("a batch of %d", (count) => {
  test("has products, MACs, and random factors", async () => {
    const made = await both((link, state) => makeAndTriples(link, state, count));
    const shares = made.map((fields) => fields.map(toBitVector));
    const [a, b, c] = [0, 1, 2].map((i) => joinBits([shares[0]![i]!, shares[1]![i]!], keys)) as [
      number[],
      number[],
      number[],
    ];
    expect(c).toEqual(a.map((bit, i) => bit & b[i]!));
    for (const bits of [a, b]) expect(Math.abs(share(bits) - 0.5)).toBeLessThan(0.1);
    expect(bitCount(sliceBits(shares[0]![0]!, 1, 4))).toBe(3);
    // Nothing stays behind in the kernels' memory.
    for (const { kernels } of states) expect(kernels.mark).toBe(kernels.start);
  });
});

test.each([
  [512, 6],
  [3071, 6],
  [3072, 5],
  [65_535, 5],
  [65_536, 4],
])("%d ANDs take buckets of %d", (count, size) => {
  expect(bucketSize(count)).toBe(size);
});

test("a batch that is too small is refused", async () => {
  expect(() => bucketSize(511)).toThrow(/at least 512 ANDs, got 511/);
  await expect(both((link, state) => makeAndTriples(link, state, 511))).rejects.toThrow(RangeError);
});

test("an order has every number once, and each place is as likely as any other", () => {
  const count = 5;
  const rounds = 4000;
  const source = createPrg(seedOf(11));
  const places = Array.from({ length: count * count }, () => 0);
  for (let i = 0; i < rounds; i++) {
    const order = drawOrder(source, count);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    order.forEach((number, place) => {
      places[number * count + place]!++;
    });
  }
  const expected = rounds / count;
  const chi = places.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  // 16 degrees of freedom; the seed is fixed.
  expect(chi).toBeLessThan(40);
  const long = drawOrder(source, 40_000);
  expect(new Set(long).size).toBe(40_000);
});
