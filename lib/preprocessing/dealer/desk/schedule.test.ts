import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Member, type Pair, Pairs } from "./pairs";
import type { PartyConnection } from "./party-connection";
import { Rate } from "./rate";
import { Budget, Turns } from "./schedule";

/** A pair as the schedule sees it. */
const pairOf = (name: string, key: string, held = 0) =>
  ({ name, payer: key, used: 0, members: [undefined, { connection: { held } }] }) as unknown as Pair;

describe("turns", () => {
  /** How much each of several pairs has of so many milliseconds, in steps of its own length. */
  function run(pairs: readonly [Pair, number][], total: number, turns = new Turns()): number[] {
    const had = pairs.map(() => 0);
    for (let spent = 0; spent < total; ) {
      const next = turns.next(pairs.map(([pair]) => pair))!;
      const index = pairs.findIndex(([pair]) => pair === next);
      const ms = pairs[index]![1];
      turns.spend(next, ms);
      had[index]! += ms;
      spent += ms;
    }
    return had;
  }

  test("give each key the same time, however many sessions it has and however long its steps are", () => {
    const greedy = Array.from({ length: 8 }, (_, i) => [pairOf(`g${i}`, "greedy"), 100] as [Pair, number]);
    const had = run([...greedy, [pairOf("m", "modest"), 1]], 20_000);
    expect(Math.abs(had[8]! - 10_000)).toBeLessThanOrEqual(100);
    // And each session of a key the same of that.
    for (const each of had.slice(0, 8)) expect(Math.abs(each - 1250)).toBeLessThanOrEqual(100);
  });

  test("charge a key for a step even if its party leaves before the end", () => {
    const pairs = new Pairs(8);
    const connection = { held: 0, close: () => undefined } as unknown as PartyConnection;
    const join = (byte: number, key: string) => {
      const hash = new Uint8Array(32).fill(byte);
      const rest = { authenticated: true, peerCommitment: hash, publicKey: hash, proof: hash };
      const hello = { type: "hello", session: hash, party: 1, secret: hash.slice(), ...rest } as const;
      return pairs.join(connection, hello, key) as Member;
    };
    const turns = new Turns();
    const modest = join(1, "modest");
    let had = 0;
    for (let i = 2; i < 22; i++) {
      const greedy = join(i, "greedy");
      const next = turns.next([greedy.pair, modest.pair])!;
      pairs.remove(greedy);
      turns.spend(next, 100);
      if (next === modest.pair) had++;
    }
    expect(had).toBe(10);
  });

  test("do not let an idle key save up time", () => {
    const turns = new Turns();
    const [early, late] = [pairOf("e", "early"), pairOf("l", "late")];
    run([[early, 10]], 10_000, turns);
    const had = run(
      [
        [early, 10],
        [late, 10],
      ],
      1000,
      turns,
    );
    expect(Math.abs(had[0]! - had[1]!)).toBeLessThanOrEqual(20);
  });

  test("go by session if there are no keys", () => {
    const had = run(
      [
        [pairOf("a", ""), 10],
        [pairOf("b", ""), 1],
      ],
      1000,
    );
    expect(Math.abs(had[0]! - had[1]!)).toBeLessThanOrEqual(10);
  });
});

describe("the budget", () => {
  const MiB = 2 ** 20;

  test("covers all pairs, and reserves a part for each", () => {
    const budget = new Budget(64 * MiB, 16);
    const pairs = Array.from({ length: 16 }, (_, i) => pairOf(`${i}`, `${i}`));
    const connection = (pair: Pair) => pair.members[1]!.connection as { held: number };
    const fill = (pair: Pair) => {
      while (budget.fits(pair, MiB, pairs)) connection(pair).held += MiB;
    };
    for (const pair of pairs) fill(pair);
    const held = pairs.map((pair) => connection(pair).held / MiB);
    expect(held[0]).toBe(8);
    expect(held.at(-1)).toBe(2);
    expect(held.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(64);
  });
});

describe("a rate", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("lets a burst through, and then the given amount in a second", () => {
    const rate = new Rate(1000, 5);
    expect([1, 2, 3, 4, 5, 6].map(() => rate.take())).toEqual([true, true, true, true, true, false]);
    for (let ms = 0; ms < 50; ms++) {
      vi.advanceTimersByTime(1);
      expect([rate.take(), rate.take()]).toEqual([true, false]);
    }
    expect(rate.owe(1000)).toBe(1000);
    expect(rate.take()).toBe(false);
    vi.advanceTimersByTime(1004);
    expect(rate.full).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(rate.full).toBe(true);
    expect([1, 2, 3, 4, 5, 6].map(() => rate.take())).toEqual([true, true, true, true, true, false]);
  });
});
