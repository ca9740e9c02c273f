// The game of the MAC check: the arithmetic of the real check, with k and s of a few bits, against the best adversary,
// which decides anew after each message it sees. It may lie in openings, then choose its share of the rows knowing which
// openings they contain, then its share of the check knowing the weights, guessing the honest party's key.
import { afterAll, describe, expect, test } from "vitest";
import { BigIntRing } from "../../lib/ring";
import { checkMacs } from "../../lib/sharing/mac-check";
import { lowWordsAgree, type MacWidths, maskRows, rowsOf, shareOfZero } from "../../lib/sharing/mac-rows";
import { dealAuthenticated } from "../support/authenticated";
import { createLinkPair, endLink } from "../support/links";

const widthsOf = (low: number, weight: number, rows: number): MacWidths => ({
  ring: new BigIntRing(low + weight),
  low,
  weight,
  rows,
});

/** (s + 5) / 2^(s + 2), for up to as many openings as rows. */
const unitBound = (s: number) => (s + 5) / 2 ** (s + 2);
/** With t rows of random subsets. */
const rowsBound = (s: number, t: number) => 2 ** -t + (1 - 2 ** -t) * unitBound(s);

const table: string[] = ["check | k, s, t | bound | best adversary", "---|---|---|---"];
const note = (check: string, at: string, bound: number, best: number) =>
  table.push(`${check} | ${at} | ${bound.toFixed(5)} | ${best.toFixed(5)}`);
afterAll(() => console.log(table.join("\n")));

/**
 * The chance to pass a check whose rows are off by `error` in all, once the weights are known: over all keys of the
 * honest party, with the best share of the check for an adversary that knows everything but that key.
 */
function chances({ ring, weight }: MacWidths): number[] {
  const keys = 2 ** weight;
  const row = 5n;
  return Array.from({ length: 2 ** ring.bits }, (_, error) => {
    const full = ring.fromBigInts([row + BigInt(error)]);
    const one = ring.fromBigInts([1n]);
    const counts = new Map<bigint, number>();
    for (let key = 0; key < keys; key++) {
      // Its share of the MAC follows from the row, which both see, from the key and from the adversary's share.
      const alpha = BigInt(key);
      const macs = ring.fromBigInts([alpha * row - 3n]);
      const [share] = ring.toBigInts(
        shareOfZero({ party: 0, alpha }, full, macs, one, { ring } as MacWidths),
      );
      counts.set(share!, (counts.get(share!) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / keys;
  });
}

/** Every tuple of `length` numbers below `limit`. */
function* tuples(length: number, limit: number): Generator<number[]> {
  const tuple = new Array<number>(length).fill(0);
  for (;;) {
    yield tuple;
    let i = 0;
    while (i < length && ++tuple[i]! === limit) tuple[i++] = 0;
    if (i === length) return;
  }
}

/**
 * The best chance with rows whose low words must be off by `low`: over all ways to choose the upper words, which are
 * fixed before the weights are known.
 */
function bestRows(low: readonly number[], widths: MacWidths, chance: readonly number[]): number {
  const { ring, weight, low: k } = widths;
  let best = 0;
  for (const uppers of tuples(low.length, 2 ** weight)) {
    let total = 0;
    for (const weights of tuples(low.length, 2 ** weight)) {
      let error = 0;
      for (let r = 0; r < low.length; r++) error += weights[r]! * (low[r]! + 2 ** k * uppers[r]!);
      total += chance[error % 2 ** ring.bits]!;
    }
    best = Math.max(best, total / 2 ** (weight * low.length));
  }
  return best;
}

/** A broken check: one upper word for all openings, sent after the weights are known. */
function bestLateUpper(low: number, { weight, low: k, ring }: MacWidths, chance: readonly number[]): number {
  let total = 0;
  for (let w = 0; w < 2 ** weight; w++) {
    const reached = Array.from(
      { length: 2 ** weight },
      (_, p) => chance[(w * low + 2 ** k * p) % 2 ** ring.bits]!,
    );
    total += Math.max(...reached);
  }
  return total / 2 ** weight;
}

/** The best chance with errors in `count` openings, over all subsets that t rows may be. */
function bestSubsets(count: number, widths: MacWidths, chance: readonly number[]): number {
  const { low, rows } = widths;
  const values = 2 ** low;
  const seen = new Map<string, number>();
  let best = 0;
  for (const errors of tuples(count, values)) {
    if (errors.every((error) => error === 0)) continue;
    let total = 0;
    for (const subsets of tuples(rows, 2 ** count)) {
      const sums = subsets.map(
        (subset) => errors.reduce((sum, error, i) => sum + ((subset >> i) & 1) * error, 0) % values,
      );
      const name = [...sums].sort().join();
      let success = seen.get(name);
      if (success === undefined) {
        success = sums.every((sum) => sum === 0) ? 1 : bestRows(sums, widths, chance);
        seen.set(name, success);
      }
      total += success;
    }
    best = Math.max(best, total / 2 ** (count * rows));
  }
  return best;
}

describe("the best adversary against the MAC check", () => {
  test.each([
    [2, 2],
    [3, 3],
    [4, 4],
    [2, 5],
    [4, 3],
    [5, 2],
  ])("with k = %i and s = %i it passes with (s + 5) / 2^(s + 2), where each opening is a row", (k, s) => {
    const widths = widthsOf(k, s, 1);
    const chance = chances(widths);
    let best = 0;
    for (let error = 1; error < 2 ** k; error++) best = Math.max(best, bestRows([error], widths, chance));
    note("few openings", `${k}, ${s}, –`, unitBound(s), best);
    expect(best).toBeCloseTo(unitBound(s), 12);
  });

  test.each([
    [2, 2],
    [3, 2],
    [2, 3],
  ])("with k = %i and s = %i two rows that are both wrong do not help", (k, s) => {
    const widths = widthsOf(k, s, 2);
    const chance = chances(widths);
    let best = 0;
    for (const errors of tuples(2, 2 ** k))
      if (errors.some((error) => error > 0)) best = Math.max(best, bestRows(errors, widths, chance));
    note("two openings", `${k}, ${s}, –`, unitBound(s), best);
    expect(best).toBeLessThanOrEqual(unitBound(s) + 1e-12);
  });

  test.each([
    [2, 2, 1, 2],
    [2, 2, 2, 2],
    [3, 2, 2, 2],
    [2, 3, 2, 2],
    [2, 2, 3, 1],
    [3, 3, 2, 1],
    [2, 2, 4, 1],
  ])(
    "with k = %i, s = %i and %i rows of subsets it stays within the bound, lying in %i openings",
    (k, s, t, n) => {
      const widths = widthsOf(k, s, t);
      const best = bestSubsets(n, widths, chances(widths));
      note("many openings", `${k}, ${s}, ${t}`, rowsBound(s, t), best);
      expect(best).toBeLessThanOrEqual(rowsBound(s, t) + 1e-12);
      expect(best).toBeGreaterThan(0.8 * rowsBound(s, t));
    },
  );
});

describe("the game finds the flaws of other checks", () => {
  test.each([
    [3, 3],
    [4, 4],
  ])("upper words chosen after the weights are known, as ours once were: more than 1/2", (k, s) => {
    const widths = widthsOf(k, s, 1);
    const chance = chances(widths);
    const best = bestLateUpper(2 ** (k - 1), widths, chance);
    note("mutant: late upper words", `${k}, ${s}, –`, unitBound(s), best);
    expect(best).toBeGreaterThan(0.5);
  });

  test("low words that are not compared: every forgery passes", () => {
    const widths = widthsOf(3, 3, 1);
    // The row is opened without the error that was in the opening.
    const best = bestRows([0], widths, chances(widths));
    note("mutant: low words not compared", "3, 3, –", unitBound(3), best);
    expect(best).toBe(1);
    const [row, wrong] = [5n, 5n + 4n].map((value) => widths.ring.fromBigInts([value]));
    expect(lowWordsAgree(row!, wrong!, widths)).toBe(false);
  });

  test("a mask used for two rows reveals upper words; a mask for each row does not", () => {
    const widths = widthsOf(2, 3, 2);
    const { ring } = widths;
    const zeros = ring.zeros(2);
    /** The distribution of the difference of both rows, for shares with these upper words. */
    const views = (uppers: readonly [bigint, bigint], reused: boolean) => {
      const counts = new Array<number>(2 ** ring.bits).fill(0);
      for (const [first, second] of tuples(2, 2 ** ring.bits)) {
        const value = ring.fromBigInts([BigInt(first!), BigInt(reused ? first! : second!)]);
        const values = ring.fromBigInts(uppers.map((upper) => 1n + 4n * upper));
        const rows = maskRows({ values, macs: zeros, opened: zeros }, { value, mac: zeros }, widths);
        const [a, b] = ring.toBigInts(rows.values) as [bigint, bigint];
        counts[Number(BigInt.asUintN(ring.bits, a - b))]!++;
      }
      return counts;
    };
    expect(views([1n, 1n], true)).not.toEqual(views([1n, 4n], true));
    expect(views([1n, 1n], false)).toEqual(views([1n, 4n], false));
  });
});

/** Count the runs of the real check, at toy size, in which an adversary that adds an error and guesses its MAC passes. */
async function survive(count: number, widths: MacWidths, runs: number, error: bigint): Promise<number> {
  const { ring, low } = widths;
  let passed = 0;
  for (let seed = 0; seed < runs; seed++) {
    const { keys, identities, share } = dealAuthenticated(seed, widths);
    const [honest, own] = share(Array.from({ length: count }, (_, i) => BigInt(i)));
    const masks = share(new Array<bigint>(rowsOf(count, widths)).fill(0n), true);
    const off = ring.fromBigInts(Array.from({ length: count }, (_, i) => (i === 0 ? error : 0n)));
    const cheat = {
      value: ring.add(own.value, off),
      // Guess that the honest party's key is 1.
      mac: ring.add(own.mac, ring.mulScalar(off, keys[1].alpha + 1n)),
    };
    const sum = ring.add(honest.value, cheat.value);
    const opened = [0, 1].map(() => ring.andScalar(sum, (1n << BigInt(low)) - 1n));
    const links = createLinkPair();
    const run = ([honest, cheat] as const).map(({ value, mac }, i) => {
      const party = i as 0 | 1;
      const log = [{ values: value, macs: mac, opened: opened[i]! }];
      return checkMacs(links[party], identities[party], keys[party], log, masks[party], { widths });
    });
    const [result] = await Promise.allSettled(run.map((each) => each.finally(() => links.forEach(endLink))));
    if (result!.status === "fulfilled") passed++;
  }
  return passed / runs;
}

describe("the real check at toy size", () => {
  const RUNS = 2000;
  /** Four standard deviations of such a share. */
  const margin = (p: number) => 4 * Math.sqrt((p * (1 - p)) / RUNS);

  test.each([
    [4, 4],
    [3, 5],
  ])("lets the best adversary pass as often as the game says, with k = %i and s = %i", async (k, s) => {
    const rate = await survive(1, widthsOf(k, s, 4), RUNS, 1n << BigInt(k - 1));
    note("few openings, real code", `${k}, ${s}, –`, unitBound(s), rate);
    expect(Math.abs(rate - unitBound(s))).toBeLessThan(margin(unitBound(s)));
  });

  test("likewise with rows", async () => {
    const rate = await survive(6, widthsOf(4, 4, 3), RUNS, 8n);
    note("many openings, real code", "4, 4, 3", rowsBound(4, 3), rate);
    expect(Math.abs(rate - rowsBound(4, 3))).toBeLessThan(margin(rowsBound(4, 3)));
  });

  test("accepts honest parties", async () => {
    expect(await survive(1, widthsOf(4, 4, 4), 200, 0n)).toBe(1);
    expect(await survive(6, widthsOf(4, 4, 3), 200, 0n)).toBe(1);
  });
});
