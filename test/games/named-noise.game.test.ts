// The noise of half a triple: party 1, which alone knows b, names bits that its b does not end with.
import { expect, test, vi } from "vitest";
import { NOISE_SUMS, nameNoise } from "../../lib/preprocessing/malicious/noise";
import {
  addTo,
  elementBytes,
  fixCoins,
  LARGE,
  lists,
  max,
  mean,
  play,
  report,
  type Tap,
  type Trace,
  upTo,
  type Watch,
} from "./game";
import { kernels, markKernels, toyStates } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** Bits of a value, of keys, and of the noise; how many sums are shown, and over how many b. */
interface Size {
  readonly k: number;
  readonly s: number;
  readonly noise: number;
  readonly rows: number;
  readonly count: number;
}
const ringOf = ({ k, s, noise }: Size) => k + s + noise;

/** Errors of the noise that is named, of each b and each mask. */
interface Names {
  readonly named: readonly number[];
  readonly masks: readonly number[];
}

/** Row by row, the error that a sum must end with to agree with the names. */
const owed = ({ noise }: Size, { named, masks }: Names, subsets: readonly number[]) =>
  masks.map(
    (mask, j) =>
      named.reduce((sum, error, i) => sum + ((subsets[i]! >> j) & 1) * error, mask) & (2 ** noise - 1),
  );

/** An answer: for each row, the errors of the sum and of the sum of v. */
type Answer = readonly (readonly [sum: number, v: number])[];

/** The best answer to what is owed, and for how many keys it passes. A row passes if alpha · sum + v is zero. */
function best(size: Size, owes: readonly number[]): { answer: Answer; keys: number } {
  const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
  // Rows pass for sets of keys, and the best answer has the largest intersection.
  const row = (low: number) => {
    const sets = new Map<number, readonly [number, number]>();
    for (let sum = low; sum < ring; sum += 2 ** size.noise)
      for (let v = 0; v < ring; v++) {
        let keys = 0;
        for (let alpha = 0; alpha < words; alpha++)
          if (((alpha * sum + v) & (ring - 1)) === 0) keys |= 1 << alpha;
        if (!sets.has(keys)) sets.set(keys, [sum, v]);
      }
    return [...sets];
  };
  let candidates = [{ answer: [] as Answer, keys: 2 ** words - 1 }];
  for (const low of owes) {
    const options = row(low);
    candidates = candidates.flatMap(({ answer, keys }) =>
      options.map(([set, pair]) => ({ answer: [...answer, pair], keys: keys & set })),
    );
  }
  const countOf = (keys: number) => upTo(words).filter((alpha) => (keys >> alpha) & 1).length;
  const { answer, keys } = candidates.reduce((a, b) => (countOf(b.keys) > countOf(a.keys) ? b : a));
  return { answer, keys: countOf(keys) };
}

/** The chance that wrong noise passes. In the code's order: names, subsets, sums with their v, for an unknown key. */
function wrongNoise(size: Size, order: "real" | "subsets first" = "real"): number {
  const { s, noise, rows, count } = size;
  const memo = new Map<string, number>();
  const rest = (owes: readonly number[]) => {
    const key = owes.join();
    if (!memo.has(key)) memo.set(key, best(size, owes).keys / 2 ** s);
    return memo.get(key)!;
  };
  const names = lists(2 ** noise, count + rows)
    .map((list) => ({ named: list.slice(0, count), masks: list.slice(count) }))
    .filter(({ named }) => named.some((error) => error !== 0));
  const subsets = lists(2 ** rows, count);
  return order === "subsets first"
    ? mean(subsets, (some) => max(names, (name) => rest(owed(size, name, some))))
    : max(names, (name) => mean(subsets, (some) => rest(owed(size, name, some))));
}

/** A wrong name is missed by all rows, or the key is guessed. */
const bound = ({ s, rows }: Size) => 2 ** -rows + (1 - 2 ** -rows) * 2 ** -s;

/** A run of the code that ships, in which all b, masks and v are zero; rows beyond the toy ones repeat them. */
async function run(
  { noise, rows, count }: Size,
  { named, masks }: Names,
  subsets: readonly number[],
  answer: Answer,
  alpha: number,
  watch: Watch = {},
) {
  const up = BigInt(40 - noise);
  const toy = (x: number) => BigInt(x) << up;
  const all = upTo(NOISE_SUMS);
  const words = subsets.map((bits) =>
    all.reduce((word, j) => word | (BigInt((bits >> (j % rows)) & 1) << BigInt(j)), 0n),
  );
  fixCoins("noise", new Uint8Array(words.flatMap((word) => [...elementBytes(word, 8)])));
  const release = markKernels();
  const states = toyStates(alpha);
  const elements = (party: 0 | 1, length: number) => ({
    values: kernels[party].allocate(length * 24),
    macs: kernels[party].allocate(length * 24),
  });
  const tap: Tap = (index, payload) =>
    index === 0
      ? [...named, ...all.map((j) => masks[j % rows]!)].reduce(
          (message, error, i) => addTo(message, 5 * i, 5, toy(error)),
          payload,
        )
      : all.reduce((message, j) => {
          const [sum, v] = answer[j % rows]!;
          const shown = addTo(message, 21 * j, 21, toy(sum));
          return addTo(shown, 21 * (NOISE_SUMS + j), 21, toy(v));
        }, payload);
  const party = (of: 0 | 1) => (link: Parameters<typeof nameNoise>[0]) =>
    nameNoise(link, states[of], count, elements(of, count), elements(of, NOISE_SUMS));
  const { accepted } = await play(party(0), party(1), { ...watch, tap });
  release();
  return accepted;
}

const sizes: Size[] = [
  { k: 2, s: 2, noise: 1, rows: 1, count: 1 },
  { k: 2, s: 2, noise: 1, rows: 2, count: 1 },
  { k: 2, s: 2, noise: 2, rows: 2, count: 2 },
  { k: 2, s: 3, noise: 1, rows: 2, count: 1 },
  ...(LARGE ? [{ k: 2, s: 3, noise: 1, rows: 3, count: 2 }] : []),
];
const title = ({ k, s, noise, rows, count }: Size) =>
  `k = ${k}, s = ${s}, noise ${noise}, ${rows} sums over ${count}`;

test("the trace of the noise has the order of the game", async () => {
  const trace: Trace = [];
  const nothing = { named: [0], masks: [0] };
  expect(await run(sizes[0]!, nothing, [1], [[0, 0]], 1, { trace })).toBe(true);
  expect(trace).toEqual(["receive", "coins noise", "receive"]);
});

test.each(sizes)("wrong noise passes exactly as often as stated: %o", (size) => {
  const value = wrongNoise(size);
  const row = report({ check: "named noise, wrong bits", toy: title(size), bound: bound(size), best: value });
  expect(row.best).toBe(row.bound);
});

test("the game finds the mutant in which the noise is named when the subsets are known", () => {
  const size = sizes[1]!;
  const value = wrongNoise(size, "subsets first");
  report({ check: "mutant: subsets first", toy: title(size), bound: bound(size), best: value });
  expect(value).toBeGreaterThan(bound(size));
});

test("the real code accepts wrong noise where the game does, for every coin and key", async () => {
  const size = sizes[1]!;
  const words = 2 ** size.s;
  const name = { named: [1], masks: [0, 0] };
  let [passed, all] = [0, 0];
  for (const subsets of lists(2 ** size.rows, size.count)) {
    const { answer } = best(size, owed(size, name, subsets));
    for (const alpha of upTo(words)) {
      all++;
      // In the code the ring is larger: an answer for a key is minus the sum times that key.
      const guess = upTo(words).find((key) =>
        answer.every(([sum, v]) => ((key * sum + v) & (2 ** ringOf(size) - 1)) === 0),
      )!;
      const real = answer.map(([sum]) => [sum, -guess * sum] as const);
      if (await run(size, name, subsets, real, alpha)) passed++;
    }
  }
  expect(passed / all).toBe(wrongNoise(size));
});

test("a sum that ends otherwise is caught for every key, and so is withholding", async () => {
  const size = sizes[0]!;
  for (const alpha of upTo(4))
    expect(await run(size, { named: [1], masks: [0] }, [1], [[0, 0]], alpha)).toBe(false);
  for (const hangUp of upTo(2))
    expect(await run(size, { named: [0], masks: [0] }, [1], [[0, 0]], 1, { hangUp })).toBe(false);
});
