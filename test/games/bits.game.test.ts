// The proof that authenticated values are bits.
import { expect, test, vi } from "vitest";
import { proveBits } from "../../lib/preprocessing/malicious/bits";
import {
  addTo,
  argmax,
  elementBytes,
  fixCoins,
  LARGE,
  lists,
  max,
  mean,
  play,
  report,
  stream,
  type Tap,
  type Trace,
  upTo,
  type Watch,
  zeros,
} from "./game";
import { kernels, markKernels, toyStates } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** Bits of a value, and of keys and weights; the ring has k + 2s. */
interface Size {
  readonly k: number;
  readonly s: number;
}
const ringOf = ({ k, s }: Size) => k + 2 * s;

/**
 * For each x and weight, find by exhaustive search the prover's best answer and the keys that accept it. The verifier's
 * sum minus an honest proof of x's lowest bit is weight·(x² − x)·alpha². The prover owes it as first + alpha·second, so
 * it passes at the roots of a polynomial in alpha.
 */
function roots(size: Size, square: number): { second: number; first: number; fits: number } {
  const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
  const counts = new Uint16Array(ring);
  let best = { second: 0, first: 0, fits: 0 };
  for (let second = 0; second < ring; second++) {
    counts.fill(0);
    for (let alpha = 0; alpha < words; alpha++) {
      const first = (square * alpha * alpha - second * alpha) & (ring - 1);
      const fits = ++counts[first]!;
      if (fits > best.fits) best = { second, first, fits };
    }
  }
  return best;
}

/**
 * Compute the probability that values pass although one of them is not a bit mod 2^k. Order: values, weights, answer.
 */
function wrongBit(size: Size, count = 1, order: "real" | "weights first" = "real") {
  const [ring, words] = [2 ** ringOf(size), 2 ** size.s];
  const memo = new Map<number, number>();
  const rest = (x: readonly number[], chi: readonly number[]) => {
    const square = x.reduce((sum, value, i) => sum + chi[i]! * value * (value - 1), 0) & (ring - 1);
    if (!memo.has(square)) memo.set(square, roots(size, square).fits / words);
    return memo.get(square)!;
  };
  const wrong = lists(ring, count).filter((x) => x.some((value) => (value & (2 ** size.k - 1)) > 1));
  const chis = lists(words, count);
  if (order === "weights first")
    return { value: mean(chis, (chi) => max(wrong, (x) => rest(x, chi))), x: [0] };
  const x = argmax(wrong, (values) => mean(chis, (chi) => rest(values, chi)));
  return { value: mean(chis, (chi) => rest(x, chi)), x };
}

/**
 * x² − x has fewer than k zeros at its end, a weight of i zeros adds i. A quadratic polynomial whose leading coefficient
 * has v zeros has, of 2^s keys, no more roots than there are keys that agree in their upper half of the s + … bits that
 * are left, two such classes at most.
 */
function bound({ k, s }: Size): number {
  let chance = 2 ** -s;
  for (let i = 0; i < s; i++) {
    const left = k + 2 * s - (k - 1 + i);
    chance += 2 ** -(i + 1) * Math.min(1, 2 ** (1 + Math.max(0, s - Math.ceil(left / 2)) - s));
  }
  return chance;
}

/** Run the code that ships, mod 2^192: x and the answer are multiples of 2^(192 − k − 2s), or one more than that. */
async function run(
  size: Size,
  x: number,
  chi: number,
  alpha: number,
  answer: { first: number; second: number },
  watch: Watch = {},
) {
  const up = BigInt(192 - ringOf(size));
  const toy = (value: number) => BigInt(value) << up;
  fixCoins("bits", stream([chi]));
  const release = markKernels();
  const states = toyStates(alpha);
  // The honest party's own bit is 0, under a key of 0: all of its side of the proof is zeros. One mask follows each.
  const put = (party: 0 | 1, value: bigint) =>
    kernels[party].put(new Uint8Array([...elementBytes(value), ...elementBytes(0n)]));
  const made = (party: 0 | 1, w: bigint) => ({
    own: 0,
    peer: 0,
    v: put(party, 0n),
    w: put(party, w),
    wide: put(party, 0n),
  });
  const tap: Tap = (_, payload) =>
    addTo(addTo(payload, 0, 24, toy(answer.first)), 24, 24, toy(answer.second));
  const bits = kernels.map((one) => one.put(new Uint8Array(16)));
  const { accepted } = await play(
    // w = v + alpha·x with v = 0.
    (link) => proveBits(link, states[0], bits[0]!, 1, made(0, BigInt(alpha) * toy(x))),
    (link) => proveBits(link, states[1], bits[1]!, 1, made(1, 0n)),
    { ...watch, tap },
  );
  release();
  return accepted;
}

const sizes: Size[] = [{ k: 2, s: 2 }, { k: 2, s: 3 }, { k: 3, s: 3 }, ...(LARGE ? [{ k: 4, s: 4 }] : [])];
const title = ({ k, s }: Size) => `k = ${k}, s = ${s}`;

test("the trace of the proof has the order of the game", async () => {
  const trace: Trace = [];
  expect(await run(sizes[0]!, 0, 1, 1, { first: 0, second: 0 }, { trace })).toBe(true);
  expect(trace).toEqual(["coins bits", "send", "receive"]);
});

test.each(sizes)("a value that is not a bit passes at most as often as stated: %o", (size) => {
  const { value } = wrongBit(size);
  const row = report({ check: "bit proof", toy: title(size), bound: bound(size), best: value });
  expect(row.best).toBeLessThanOrEqual(row.bound);
  expect(row.best).toBeGreaterThan(row.bound / 2);
});

test("two values at once pass no more often than one", () => {
  expect(wrongBit(sizes[0]!, 2).value).toBeLessThanOrEqual(bound(sizes[0]!));
});

test("the game finds the mutant in which the weights are known before the values are fixed", () => {
  const size = sizes[0]!;
  const { value } = wrongBit(size, 2, "weights first");
  report({ check: "mutant: weights first", toy: title(size), bound: bound(size), best: value });
  expect(value).toBeGreaterThan(bound(size));
});

test("the real code accepts the best adversary as often as the game, for every weight and key", async () => {
  const size = { k: 2, s: 3 };
  const words = 2 ** size.s;
  const {
    value,
    x: [x = 0],
  } = wrongBit(size);
  // Of x and 2^e·x the squares differ, so what the answer owes is taken from −x, as 2^2e·x² is zero.
  let [passed, all] = [0, 0];
  for (const chi of upTo(words)) {
    const answer = roots(size, (-chi * x) & (2 ** ringOf(size) - 1));
    for (const alpha of upTo(words)) {
      all++;
      if (await run(size, x, chi, alpha, answer)) passed++;
    }
  }
  // This strategy is optimal: the trailing zeros are those of x² − x.
  expect(zeros(x * (x - 1), ringOf(size))).toBe(zeros(x, ringOf(size)));
  expect(passed / all).toBe(value);
});

test("withholding is never accepted", async () => {
  expect(await run(sizes[0]!, 0, 1, 1, { first: 0, second: 0 }, { hangUp: 0 })).toBe(false);
});
