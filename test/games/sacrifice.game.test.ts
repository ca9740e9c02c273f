// The sacrifice of triples: a wrong triple that passes, and how much a passing check reveals of the other party's b.
import { expect, test, vi } from "vitest";
import { createPrg } from "../../lib/crypto/prg";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { sacrifice } from "../../lib/preprocessing/malicious/sacrifice";
import {
  addTo,
  argmax,
  elementBytes,
  fixCoins,
  fixSeed,
  LARGE,
  lists,
  max,
  mean,
  play,
  report,
  stream,
  type Tap,
  type Trace,
  toInteger,
  upTo,
  type Watch,
  zerosReach,
} from "./game";
import { markKernels, toyStates } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** Bits of a value, of keys and weights, and of the noise; the ring has all of them. */
interface Size {
  readonly k: number;
  readonly s: number;
  readonly noise: number;
}
const ringOf = ({ k, s, noise }: Size) => k + s + noise;

/** The errors of the values that the adversary authenticates instead of a, a', c, c'. */
interface Errors {
  readonly a: number;
  readonly a2: number;
  readonly c: number;
  readonly c2: number;
}

/**
 * The honest party's share of the checked sum if the adversary's share and every a are zero and rho is opened with an
 * error. Honest a are only masks: they cancel in the sum.
 */
function residue(
  size: Size,
  { a, a2, c, c2 }: Errors,
  [t, rho, chi, psi]: readonly [number, number, number, number],
  alpha: number,
  b: number,
): number {
  const opened = t * a - a2 + rho;
  return (alpha * (psi * (t * c - c2 - opened * b) - chi * rho)) & (2 ** ringOf(size) - 1);
}

/** The same from the code that ships: in one run the adversary's share is `guess`. */
async function run(
  size: Size,
  { a, a2, c, c2 }: Errors,
  [t, rho, chi, psi]: readonly [number, number, number, number],
  alpha: number,
  b: number,
  guess = 0,
  watch: Watch = {},
) {
  const up = BigInt(168 - ringOf(size));
  const toy = (x: number) => BigInt(x) << up;
  fixSeed("sacrifice", stream([t], 16));
  fixCoins("sacrifice/check", stream([chi, psi]));
  const release = markKernels();
  const [zero, one] = toyStates(alpha);
  const put = ({ kernels }: OtState, values: readonly bigint[]) => {
    const [pa, pb, pc, pa2, pc2] = values.map((value) => kernels.put(elementBytes(value)));
    return { a: pa!, b: pb!, c: pc!, a2: pa2!, c2: pc2! };
  };
  const nothing = [0n, 0n, 0n, 0n, 0n];
  // The errors are in the adversary's shares; the honest party's shares of the MACs are all of them.
  const errors = [toy(a), 0n, toy(c), toy(a2), toy(c2)];
  const macs = [toy(a), BigInt(b), toy(c), toy(a2), toy(c2)].map((x) => BigInt(alpha) * x);
  const [x0, m0] = [put(zero, nothing), put(zero, macs)];
  const [x1, m1] = [put(one, errors), put(one, nothing)];
  // The adversary commits to its guess instead of its share.
  const { run: real } = one.kernels;
  const sacrificeCheck: typeof real.sacrificeCheck = (...args) =>
    one.kernels.write(args[args.length - 1] as number, elementBytes(toy(guess)));
  Object.assign(one.kernels, { run: { ...real, sacrificeCheck } });
  const tap: Tap = (index, payload) => (index === 0 ? addTo(payload, 0, 21, toy(rho)) : payload);
  const { accepted, error, sent } = await play(
    (link) => sacrifice(link, zero, 1, x0, m0),
    (link) => sacrifice(link, one, 1, x1, m1),
    { ...watch, tap },
  );
  Object.assign(one.kernels, { run: real });
  release();
  const opened = sent.at(-1) ?? new Uint8Array(21);
  const share = Number(BigInt.asUintN(168, toInteger(opened.subarray(opened.length - 21))) >> up);
  return { accepted, error, share };
}

const NONE: Errors = { a: 0, a2: 0, c: 0, c2: 0 };

/** Return true if the triple, with its noise removed, is wrong in the bits that are used. */
const isWrong = (size: Size, { a, c }: Errors, b: number) =>
  ((c - a * b) & (2 ** (size.k + size.noise) - 1)) !== 0;

/**
 * Compute the probability that the best adversary's wrong triple passes, in the code's order: errors, t, the error of
 * rho, both weights, the guess.
 *
 * The loops are unrolled because the game has millions of leaves.
 */
function wrongTriple(size: Size, order: "real" | "t first" | "weights before rho" = "real") {
  const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
  const used = 2 ** (size.k + size.noise) - 1;
  const counts = new Uint16Array(ring);
  const worth = (
    c: number,
    a: number,
    sigma: number,
    delta: number,
    rho: number,
    chi: number,
    psi: number,
  ) => {
    counts.fill(0);
    let best = 0;
    for (let b = 0; b < ring; b++) {
      if (((c - a * b) & used) === 0) continue;
      const step = (psi * (sigma - delta * b) - chi * rho) & (ring - 1);
      for (let alpha = 0, share = 0; alpha < words; alpha++, share = (share + step) & (ring - 1)) {
        const count = ++counts[share]!;
        if (count > best) best = count;
      }
    }
    return best / (ring * words);
  };
  const weights = lists(words, 2) as readonly [number, number][];
  const memo = new Map<number, number>();
  /** The part of the game after t is known. */
  const rest = (c: number, a: number, sigma: number, delta: number) => {
    const key = (((c & used) * (used + 1) + (a & used)) * ring + sigma) * ring + delta;
    let value = memo.get(key);
    if (value === undefined) {
      const at = (rho: number, [chi, psi]: readonly [number, number]) =>
        worth(c & used, a & used, sigma, (delta + rho) & (ring - 1), rho, chi, psi);
      value =
        order === "weights before rho"
          ? mean(weights, (pair) => max(upTo(ring), (rho) => at(rho, pair)))
          : max(upTo(ring), (rho) => mean(weights, (pair) => at(rho, pair)));
      memo.set(key, value);
    }
    return value;
  };
  const after = ([a, a2, c, c2]: readonly number[], t: number) =>
    rest(c!, a!, (t * c! - c2!) & (ring - 1), (t * a! - a2!) & (ring - 1));
  const errors = lists(ring, 4);
  const ts = upTo(words);
  if (order === "t first") return { value: mean(ts, (t) => max(errors, (e) => after(e, t))), errors: NONE };
  const [a, a2, c, c2] = argmax(errors, (e) => mean(ts, (t) => after(e, t))) as [
    number,
    number,
    number,
    number,
  ];
  return { value: mean(ts, (t) => after([a, a2, c, c2], t)), errors: { a, a2, c, c2 } };
}

/** The bound: the trailing zeros of t, a weight and the key, or a guess of b, must add up to enough. */
const wrongBound = ({ s }: Size) => zerosReach(3, s, s + 1);

/**
 * Measure what the best adversary learns from a passing check about the bits of the other party's b above its noise:
 * their distance from uniform given all that the adversary knows, times the probability of passing.
 */
function leakOfB(size: Size): number {
  const [ring, words, noises] = [2 ** ringOf(size), 2 ** size.s, 2 ** size.noise];
  const mass = new Float64Array(ring * ring);
  const worth = (sigma: number, delta: number, rho: number, chi: number, psi: number) => {
    mass.fill(0);
    for (let b = 0; b < ring; b++) {
      const step = (psi * (sigma - delta * b) - chi * rho) & (ring - 1);
      for (let alpha = 0, share = 0; alpha < words; alpha++, share = (share + step) & (ring - 1))
        mass[share * ring + b]!++;
    }
    return max(upTo(ring), (share) => {
      let distance = 0;
      for (let noise = 0; noise < noises; noise++) {
        let sum = 0;
        for (let b = noise; b < ring; b += noises) sum += mass[share * ring + b]!;
        const even = (sum * noises) / ring;
        for (let b = noise; b < ring; b += noises) distance += Math.abs(mass[share * ring + b]! - even) / 2;
      }
      return distance / (ring * words);
    });
  };
  const weights = lists(words, 2) as readonly [number, number][];
  const memo = new Map<number, number>();
  const rest = (sigma: number, delta: number) => {
    const key = sigma * ring + delta;
    let value = memo.get(key);
    if (value === undefined) {
      value = max(upTo(ring), (rho) =>
        mean(weights, ([chi, psi]) => worth(sigma, (delta + rho) & (ring - 1), rho, chi, psi)),
      );
      memo.set(key, value);
    }
    return value;
  };
  return max(lists(ring, 4) as readonly [number, number, number, number][], ([a, a2, c, c2]) =>
    mean(upTo(words), (t) => rest((t * c - c2) & (ring - 1), (t * a - a2) & (ring - 1))),
  );
}

const sizes: Size[] = [
  { k: 1, s: 1, noise: 1 },
  { k: 1, s: 2, noise: 0 },
  { k: 2, s: 1, noise: 1 },
  { k: 1, s: 2, noise: 1 },
  ...(LARGE ? [{ k: 2, s: 2, noise: 0 }] : []),
];
const title = ({ k, s, noise }: Size) => `k = ${k}, s = ${s}, noise ${noise}`;
const name = "sacrifice, a wrong triple";

test("the trace of the sacrifice has the order of the game", async () => {
  const trace: Trace = [];
  const { accepted } = await run(sizes[0]!, NONE, [1, 0, 1, 1], 1, 1, 0, { trace });
  expect(accepted).toBe(true);
  // The errors come before all of it. What is committed comes last.
  expect(trace).toEqual([
    "coins sacrifice",
    ...["send", "receive"],
    "coins sacrifice/check",
    ...["send", "receive"],
    ...["send", "receive"],
  ]);
});

test("the real code computes what the game assumes", async () => {
  const random = createPrg(new Uint8Array(16).fill(3));
  const size = { k: 3, s: 3, noise: 2 };
  const below = (count: number) => {
    const bytes = new Uint8Array(1);
    random.fill(bytes);
    return bytes[0]! % count;
  };
  for (let i = 0; i < 200; i++) {
    const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
    const errors = { a: below(ring), a2: below(ring), c: below(ring), c2: below(ring) };
    const moves = [below(words), below(ring), below(words), below(words)] as const;
    const [alpha, b] = [below(words), below(ring)];
    const share = residue(size, errors, moves, alpha, b);
    expect((await run(size, errors, moves, alpha, b)).share).toBe(share);
    const guess = (ring - share) & (ring - 1);
    expect((await run(size, errors, moves, alpha, b, guess)).accepted).toBe(true);
    expect((await run(size, errors, moves, alpha, b, (guess + 1) % ring)).accepted).toBe(false);
  }
});

test.each(sizes)("a wrong triple passes exactly as often as stated: %o", (size) => {
  const { value } = wrongTriple(size);
  const row = report({ check: name, toy: title(size), bound: wrongBound(size), best: value });
  expect(row.best).toBe(row.bound);
});

test("the best adversary's strategy passes the real code just as often", async () => {
  const size = { k: 1, s: 2, noise: 1 };
  const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
  const { value, errors } = wrongTriple(size);
  // Its rho is honest: the error of c is sufficient.
  expect(errors).toMatchObject({ a: 0, a2: 0, c2: 0 });
  let passed = 0;
  let all = 0;
  for (const t of upTo(words))
    for (const [chi, psi] of lists(words, 2) as readonly [number, number][]) {
      const secrets = upTo(words).flatMap((alpha) => upTo(ring).map((b) => [alpha, b] as const));
      const shareOf = ([alpha, b]: readonly [number, number]) =>
        residue(size, errors, [t, 0, chi, psi], alpha, b);
      const counts = new Map<number, number>();
      for (const secret of secrets) counts.set(shareOf(secret), (counts.get(shareOf(secret)) ?? 0) + 1);
      const guess = (ring - argmax(counts.keys(), (share) => counts.get(share)!)) & (ring - 1);
      for (const [alpha, b] of secrets) {
        all++;
        const { accepted } = await run(size, errors, [t, 0, chi, psi], alpha, b, guess);
        if (accepted && isWrong(size, errors, b)) passed++;
      }
    }
  expect(passed / all).toBe(value);
});

test.each([
  ["t is tossed before the values are authenticated", "t first"],
  ["the weights are tossed before rho is opened", "weights before rho"],
] as const)("the game finds the mutant in which %s", (_, order) => {
  const size = { k: 1, s: 2, noise: 1 };
  const { value } = wrongTriple(size, order);
  report({ check: `mutant: ${order}`, toy: title(size), bound: wrongBound(size), best: value });
  expect(value).toBeGreaterThan(wrongBound(size));
});

test.each(sizes)(
  "a passing check tells of b no more than its noise, but as rarely as is said: %o",
  (size) => {
    const row = report({
      check: "sacrifice, a guess beyond the noise",
      toy: title(size),
      bound: 2 ** -size.noise,
      best: leakOfB(size),
    });
    expect(row.best).toBeLessThanOrEqual(row.bound);
  },
);

test("each bit of noise halves what a check reveals of b", () => {
  expect(leakOfB({ k: 1, s: 2, noise: 1 })).toBe(leakOfB({ k: 1, s: 2, noise: 0 }) / 2);
});

test("withholding any message, or hanging up, is never accepted", async () => {
  for (const hangUp of [0, 1, 2]) {
    const { accepted, error } = await run(sizes[0]!, NONE, [1, 0, 1, 1], 1, 1, 0, { hangUp });
    expect(accepted).toBe(false);
    expect(error).toBeInstanceOf(Error);
  }
});
