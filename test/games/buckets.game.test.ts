// Buckets: an adversary that bets on leaky gates, and knows an AND if a bucket has nothing but those.
import { expect, test, vi } from "vitest";
import { bucketSize, combineAnds, drawOrder } from "../../lib/preprocessing/malicious/binary/buckets";
import type { AndBlocks } from "../../lib/preprocessing/malicious/binary/leaky-ands";
import { BLOCK } from "../../lib/sharing/bits";
import { dealOtStates } from "../support/machines";
import { fixCoins, LARGE, lists, max, mean, play, report, stream, upTo } from "./game";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** How many buckets, and gates of each. */
interface Size {
  readonly count: number;
  readonly size: number;
}

const choose = (n: number, k: number) => {
  let result = 1;
  for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1);
  return Math.round(result);
};

/** The chance that, of c gates at random places, some fill a bucket: 1 less the placements in which none does. */
function fills({ count, size }: Size, c: number): number {
  let none = [1];
  for (let bucket = 0; bucket < count; bucket++) {
    const next = new Array<number>(none.length + size - 1).fill(0);
    none.forEach((ways, i) => {
      for (let j = 0; j < size; j++) next[i + j]! += ways * choose(size, j);
    });
    none = next;
  }
  return 1 - (none[c] ?? 0) / choose(count * size, c);
}

/** The best of bets on c gates: each is won with probability 1/2, and a lost one ends the session. */
const bets = ({ count, size }: Size) =>
  max(upTo(count * size + 1), (c) => 2 ** -c * fills({ count, size }, c));

/** Bets on the gates of one bucket, whose coins are known before. */
const early = ({ size }: Size) => 2 ** -size;

/** The stated bound, by the expected number of filled buckets. */
const bound = ({ count, size }: Size) =>
  max(upTo(count * size + 1), (c) => (2 ** -c * count * choose(c, size)) / choose(count * size, size));

/** Both are quotients of integers, computed in different orders. */
const ROUNDING = 1e-12;

const sizes: Size[] = [2, 3].flatMap((size) => [1, 2, 3, 4, 6, 8].map((count) => ({ count, size })));
const title = ({ count, size }: Size) => `${count} buckets of ${size}`;

test.each(sizes)(
  "a bucket is filled with gates that were bet on at most as often as stated: %o",
  (setting) => {
    const row = report({ check: "buckets", toy: title(setting), bound: bound(setting), best: bets(setting) });
    expect(row.best).toBeLessThanOrEqual(row.bound * (1 + ROUNDING));
    // The bound counts two filled buckets twice, and is else exact.
    expect(row.best).toBeGreaterThan(row.bound * 0.8);
  },
);

test("the game finds the mutant whose coins are known before the gates are compared", () => {
  for (const setting of sizes.filter(({ count }) => count > 1)) {
    const value = early(setting);
    report({ check: "mutant: coins first", toy: title(setting), bound: bound(setting), best: value });
    expect(value).toBeGreaterThan(bound(setting));
  }
});

test("the real sizes keep 2^-53, and smaller buckets would not", () => {
  const bits = (count: number, size: number) => {
    const log = (n: number, k: number) => {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += Math.log2(n - i) - Math.log2(i + 1);
      return sum;
    };
    const least = Math.min(
      ...upTo(6 * size)
        .slice(size)
        .map((c) => c - log(c, size)),
    );
    return log(count * size, size) - Math.log2(count) + least;
  };
  for (const count of [512, 1000, 3000, 3072, 10_000, 60_000, 65_536]) {
    expect(bits(count, bucketSize(count)), String(count)).toBeGreaterThan(53);
    expect(bits(count, bucketSize(count) - 1), String(count)).toBeLessThan(53);
  }
  report({ check: "buckets, real", toy: "65,536 of 4", bound: 2 ** -53, best: 2 ** -bits(65_536, 4) });
});

/** Every order of `gates`, as the words of which `drawOrder` makes it. */
const draws = (gates: number) =>
  lists(gates, gates - 1).filter((list) => list.every((word, i) => word < gates - i));
/** The words as the stream of 32-bit words that the code draws at once. */
const coinsOf = (words: readonly number[]) => {
  const coins = new Uint8Array(65_536);
  coins.set(stream(words, 4));
  return coins;
};

test("in the code, every order is as likely, and a bet on two of four gates fills a bucket as in the game", async () => {
  const setting = { count: 2, size: 2 };
  const states = dealOtStates(9);
  const all = draws(4);
  expect(all).toHaveLength(24);
  const orders = new Set<string>();
  const filled: number[] = [];
  for (const words of all) {
    const coins = coinsOf(words);
    const order = [...drawOrder({ fill: (target) => target.set(coins.subarray(0, target.length)) }, 4)];
    orders.add(order.join());
    fixCoins("bucket", coins);
    const sums: Uint8Array[] = [];
    const marks = states.map(({ kernels }) => kernels.mark);
    const side = (party: 0 | 1) => async (link: Parameters<typeof combineAnds>[0]) => {
      const { kernels } = states[party];
      // Gates of which only x differs: each has its own bit of a block. The rest, MACs and keys, is 0.
      const zeros = () => ({ own: kernels.allocate(4 * BLOCK), keys: kernels.allocate(4 * BLOCK) });
      const leaky: AndBlocks = { x: zeros(), y: zeros(), z: zeros() };
      for (const gate of upTo(4)) kernels.write(leaky.x.own + gate * BLOCK + 1, Uint8Array.of(1 << gate));
      const { x } = await combineAnds(link, states[party], leaky, setting.count, setting.size);
      sums[party] = upTo(2).map((i) => kernels.read(x.own + i * BLOCK + 1, 1)[0]!) as unknown as Uint8Array;
    };
    expect((await play(side(0), side(1))).accepted).toBe(true);
    const expected = [0, 1].map((i) => (1 << order[2 * i]!) | (1 << order[2 * i + 1]!));
    expect([...sums[0]!]).toEqual(expected);
    expect([...sums[1]!]).toEqual(expected);
    filled.push(expected.includes(0b0011) ? 1 : 0);
    for (const [i, { kernels }] of states.entries()) kernels.release(marks[i]!);
  }
  expect(orders.size).toBe(24);
  expect(mean(filled, Number)).toBeCloseTo(fills(setting, 2), 12);
});

test("exhaustive search over all sets of gates and all orders finds the game's chances", () => {
  for (const { count, size } of [
    { count: 2, size: 2 },
    { count: 2, size: 3 },
    ...(LARGE ? [{ count: 3, size: 2 }] : []),
  ]) {
    const gates = count * size;
    const orders = draws(gates).map((words) => {
      const coins = coinsOf(words);
      return [...drawOrder({ fill: (target) => target.set(coins.subarray(0, target.length)) }, gates)];
    });
    for (const bet of [0b11, 0b101, 0b111, 0b1111]) {
      const chosen = (gate: number) => (bet >> gate) & 1;
      const c = upTo(gates).filter(chosen).length;
      const hit = (order: readonly number[]) =>
        upTo(count).some((i) => order.slice(i * size, (i + 1) * size).every(chosen)) ? 1 : 0;
      expect(mean(orders, hit)).toBeCloseTo(fills({ count, size }, c), 12);
    }
  }
});
