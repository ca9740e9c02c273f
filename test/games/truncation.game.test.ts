// Truncation by private bits, with k of a few bits: a toy number x is x·2^(64 − k) in the code that ships, and to cut f
// of its bits is to cut 64 − k + f.
import { expect, test } from "vitest";
import { CheckError } from "../../lib/errors";
import { truncateByBits } from "../../lib/protocol/authenticated/truncate-by-bits";
import { ring64, ring128, scope } from "../../lib/ring";
import type { AuthenticatedVector, MacKey } from "../../lib/sharing/authenticated";
import { checkMacs } from "../../lib/sharing/mac-check";
import { rowsOf } from "../../lib/sharing/mac-rows";
import { OpeningLog } from "../../lib/sharing/opening";
import { dealAuthenticated } from "../support/authenticated";
import { createLinkPair, endLink, runBoth, type Tap } from "../support/links";
import { dealPrivateBits } from "../support/private-bits";
import { LARGE, report, upTo } from "./game";

/** One truncation: the number, its share at party 0, r of party 1, the pads of party 0. */
interface Case {
  readonly x: number;
  readonly x0: number;
  readonly r: number;
  readonly beta: number;
}

const toy = (k: number, values: readonly number[]) =>
  ring64.fromBigInts(values.map((value) => BigInt(value) << BigInt(64 - k)));

/** Every number of magnitude below 2^(k − 2). */
const numbers = (k: number) => upTo(2 ** (k - 1) - 1).map((i) => i + 1 - 2 ** (k - 2));

/** What one party keeps: its share of the result and its share of what must be zero. */
interface Kept {
  readonly result: AuthenticatedVector;
  readonly log: OpeningLog;
}

/** Run cases at once through the code that ships, with keys and MACs as dealt. */
async function run(k: number, f: number, cases: readonly Case[], tap?: Tap) {
  const dealt = dealAuthenticated(9);
  const column = (of: (each: Case) => number) => toy(k, cases.map(of));
  const items = dealPrivateBits(dealt.shareVector, [column(({ beta }) => beta), column(({ r }) => r)]);
  const wide = (words: ReturnType<typeof toy>) => ring128.fromBigInts(ring64.toBigInts(words));
  const x = wide(column((each) => each.x));
  const [some, rest] = dealt.shareVector(x);
  const value = wide(column(({ x0 }) => x0));
  // Shares whose low words are toys; the MACs stay those of x.
  const shares = [
    { value, mac: some.mac },
    { value: ring128.sub(x, value), mac: rest.mac },
  ] as const;
  const body =
    (party: 0 | 1) =>
    async (link: ReturnType<typeof createLinkPair>[0]): Promise<Kept> => {
      const log = new OpeningLog();
      const context = { link, log, key: dealt.keys[party] };
      return { result: await truncateByBits(context, shares[party], 64 - k + f, items[party]), log };
    };
  const kept = await runBoth(createLinkPair(tap), body(0), body(1));
  return { dealt, kept };
}

const open = (kept: readonly [Kept, Kept]) => {
  const sum = (vectors: readonly AuthenticatedVector[]) =>
    scope(() => ring128.toBigInts(ring128.add(vectors[0]!.value, vectors[1]!.value))).map((value) =>
      BigInt.asIntN(64, value),
    );
  const logged = kept.map(({ log }) => log.drain()[0]!);
  return {
    results: sum(kept.map(({ result }) => result)).map(Number),
    zeros: sum(logged.map(({ values, macs }) => ({ value: values, mac: macs }))),
    logged,
  };
};

/** All numbers, all r and all pads; the shares do not matter where messages are not looked at. */
const allCases = (k: number): Case[] =>
  numbers(k).flatMap((x) =>
    upTo(2 ** k).flatMap((r) => upTo(2 ** k).map((beta) => ({ x, x0: (7 * x + r) & (2 ** k - 1), r, beta }))),
  );

const K = 5;

test.each(upTo(K - 2).map((i) => i + 1))(
  "is the floor of (x + r_lo) / 2^f for every x, r and pad: f = %i",
  async (f) => {
    const cases = allCases(K);
    const { kept } = await run(K, f, cases);
    const { results, zeros } = open(kept);
    let wrong = 0;
    for (const [i, { x, r }] of cases.entries()) {
      const floor = Math.floor((x + (r % 2 ** f)) / 2 ** f);
      if (results[i] !== floor || zeros[i] !== 0n) wrong++;
      if (results[i] !== x >> f && results[i] !== (x >> f) + 1) wrong++;
    }
    expect(wrong).toBe(0);
  },
);

/** Changes the words of one message. */
const altered =
  (what: string, change: (word: bigint) => bigint): Tap =>
  (message) => {
    if (message.what !== what) return;
    const words = ring64.toBigInts(ring64.fromBytes(message.payload, message.payload.length / 8));
    message.payload = ring64.toBytes(ring64.fromBigInts(words.map(change)));
  };

/** The honest party's verdict on the zeros that both logged. */
async function verdict(
  kept: readonly [Kept, Kept],
  dealt: ReturnType<typeof dealAuthenticated>,
  honest: 0 | 1,
) {
  const masks = dealt.share(new Array(rowsOf(kept[0].log.size)).fill(0n), true);
  const links = createLinkPair();
  const check = (party: 0 | 1) => {
    const key: MacKey = dealt.keys[party];
    return checkMacs(links[party], dealt.identities[party], key, kept[party].log.drain(), masks[party]);
  };
  const other = check((1 - honest) as 0 | 1).catch(() => undefined);
  const error = await check(honest).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  endLink(links[1 - honest]!);
  await other;
  return error;
}

test("a wrong y makes the claimed zero an error that its maker knows, whatever x, r and the pad are", async () => {
  // Party 1 sends another m; or party 0 takes another m, which gives every delta that it could send instead.
  const cases = allCases(K).filter(({ beta }) => beta % 10 === 1);
  for (const error of upTo(2 ** K).slice(1)) {
    const shift = BigInt(error) << BigInt(64 - K);
    const { kept } = await run(
      K,
      1,
      cases,
      altered("masked product", (word) => word + shift),
    );
    expect(new Set(open(kept).zeros)).toEqual(new Set([BigInt.asIntN(64, shift)]));
  }
});

test("neither party accepts a wrong y, nor a delta other than the bits that were used", async () => {
  const cases = allCases(K).filter((_, i) => i % 251 === 0);
  let [caught, all] = [0, 0];
  for (const error of upTo(2 ** K).slice(1)) {
    const change = BigInt(error) << BigInt(64 - K);
    for (const tap of [
      altered("masked product", (word) => word + change),
      altered("masked bits", (word) => word ^ change),
    ])
      for (const honest of [0, 1] as const) {
        const { kept, dealt } = await run(K, 1, cases, tap);
        all++;
        if ((await verdict(kept, dealt, honest)) instanceof CheckError) caught++;
      }
  }
  expect(caught).toBe(all);
  const { kept, dealt } = await run(K, 1, cases);
  expect(await verdict(kept, dealt, 0)).toBe(undefined);
});

/** How often each view occurs, over everything that the other party draws. */
async function views(k: number, x: number) {
  const cases = upTo(2 ** k).flatMap((x0) =>
    upTo(2 ** k).flatMap((r) => upTo(2 ** k).map((beta) => ({ x, x0, r, beta }))),
  );
  const messages: [m: bigint[], delta: bigint[]] = [[], []];
  await run(k, 1, cases, ({ what, payload }) => {
    messages[what === "masked product" ? 0 : 1] = ring64.toBigInts(ring64.fromBytes(payload, cases.length));
  });
  const count = (view: (each: Case, i: number) => string) => {
    const counts: Record<string, number> = {};
    for (const [i, each] of cases.entries()) {
      const key = view(each, i);
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  };
  const x1 = (x0: number) => (x - x0) & (2 ** k - 1);
  return {
    zero: count(({ x0, beta }, i) => `${x0} ${beta} ${messages[0][i]}`),
    one: count(({ x0, r }, i) => `${x1(x0)} ${r} ${messages[1][i]}`),
  };
}

test.each(LARGE ? [3, 4] : [3])("both parties' views are alike for all x: k = %i", async (k) => {
  const [first, ...others] = await Promise.all(numbers(k).map((x) => views(k, x)));
  expect(Object.keys(first!.zero).length).toBe(2 ** (3 * k));
  for (const other of others) expect(other).toEqual(first);
});

test("a pad that is reused shows how two numbers differ: the game sees what views hide", async () => {
  const k = 3;
  const pairs = new Set<string>();
  for (const x of [0, 1]) {
    const deltas: bigint[] = [];
    await run(k, 1, [{ x, x0: 0, r: 0, beta: 5 }], ({ what, payload }) => {
      if (what === "masked bits") deltas.push(...ring64.toBigInts(ring64.fromBytes(payload, 1)));
    });
    pairs.add(String(deltas));
  }
  expect(pairs.size).toBe(2);
});

test("a party 1 that chooses r learns one comparison from each result, and f of one x give its low bits", async () => {
  const f = K - 2;
  const found: number[] = [];
  for (const x of numbers(K)) {
    // The rounding is up from 2^f − r_lo on: a threshold of its choice.
    let low = 0;
    for (let bit = 2 ** (f - 1); bit >= 1; bit /= 2) {
      const threshold = low + bit;
      const { kept } = await run(K, f, [{ x, x0: 11, r: 2 ** f - threshold, beta: 6 }]);
      const [result] = open(kept).results;
      if (result === (x >> f) + 1) low = threshold;
    }
    found.push(low);
  }
  expect(found).toEqual(numbers(K).map((x) => x & (2 ** f - 1)));
  report({ check: "truncation, results that show x mod 2^f", toy: `k = ${K}, f = ${f}`, bound: f, best: f });
});
