// The check of authentication: a prover that names different values to different trees of the ring VOLE.
import { expect, test, vi } from "vitest";
import type { OperationLink } from "../../lib/channel/operation-link";
import { createPrg } from "../../lib/crypto/prg";
import { multiplyByKeys } from "../../lib/preprocessing/malicious/authenticate";
import { VOLE_TREES, VoleKeeper, VoleProver } from "../../lib/preprocessing/malicious/ring-vole";
import { dealOtStates } from "../support/machines";
import {
  addTo,
  fixCoins,
  LARGE,
  lists,
  max,
  mean,
  play,
  report,
  seedFor,
  stream,
  type Trace,
  upTo,
} from "./game";
import { accepts, kernels, markKernels, toyTrees } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** Bits of the ring whose deviations count, of the weights, and how many combinations are opened. */
interface Size {
  readonly ring: number;
  readonly weight: number;
  readonly sums: number;
}
/** Bits of the ring in which all is computed: 192 for 168 and weights of 25. */
const wideOf = ({ ring, weight }: Size) => ring + weight - 1;

/** Two bits of the key in each of two trees. */
const digits = lists(4, 2) as readonly [number, number][];

/**
 * Return true if, for every key of a set, a prover that named one other value to both trees would have deviated alike:
 * then it has not deviated at all. The first tree's deviation is 0.
 */
function isOneValue(
  { ring }: Size,
  deviation: number,
  keys: readonly (readonly [number, number])[],
): boolean {
  const mod = 2 ** ring - 1;
  return upTo(2 ** ring).some((value) => {
    const rest = keys.map(([d0, d1]) => (4 * d1 * deviation - (d0 + 4 * d1) * value) & mod);
    return rest.every((one) => one === rest[0]);
  });
}

/**
 * Compute, by exhaustive search, the probability that a prover passes that named different values to two trees, without
 * having guessed the digits that make the difference harmless. Search in the code's order: corrections, weights, answer
 * (the sums of the values and of each tree).
 */
function differing(size: Size, count = 1, order: "real" | "weights first" = "real"): number {
  const mod = 2 ** wideOf(size) - 1;
  const answers = lists(mod + 1, size.sums);
  const rest = (deviation: readonly number[], weights: readonly number[]) => {
    // A weight for each value in each sum.
    const sums = upTo(size.sums).map((j) =>
      deviation.reduce((sum, one, i) => sum + weights[j * count + i]! * one, 0),
    );
    return max(answers, (answer) => {
      // Keys under which the sums of both trees have equal errors pass together.
      const groups = new Map<string, [number, number][]>();
      for (const key of digits) {
        const errors = answer.flatMap((shift, j) => [
          (-key[0] * shift) & mod,
          (key[1] * (sums[j]! - shift)) & mod,
        ]);
        const name = errors.join();
        groups.set(name, [...(groups.get(name) ?? []), key]);
      }
      const harmless = (keys: readonly (readonly [number, number])[]) =>
        deviation.every((one) => isOneValue(size, one, keys));
      return max(groups.values(), (keys) => (harmless(keys) ? 0 : keys.length / 16));
    });
  };
  const weights = lists(2 ** size.weight, size.sums * count);
  const deviations = lists(mod + 1, count);
  return order === "weights first"
    ? mean(weights, (some) => max(deviations, (deviation) => rest(deviation, some)))
    : max(deviations, (deviation) => mean(weights, (some) => rest(deviation, some)));
}

const bound = ({ weight, sums }: Size) => 2 ** -(weight * sums);

/**
 * Run the code that ships. Of 32 trees the second is named x + 2^(192 − weight), the others x, so that toy weights miss
 * the difference as often as weights of 25 bits miss 2^167. The answer is the one for x, with an error in the second
 * tree's sums if the prover bets on a digit.
 */
async function run(
  { weight }: Pick<Size, "weight">,
  weights: readonly number[],
  digit: number,
  bet = 0,
): Promise<boolean> {
  const { leaves, known, missing } = toyTrees(VOLE_TREES, digit);
  const release = markKernels();
  const prover = new VoleProver(kernels[0], leaves);
  const keeper = new VoleKeeper(kernels[1], known, missing);
  const corrections: Uint8Array[] = [];
  const x = kernels[0].put(new Uint8Array(24).fill(7));
  prover.prepare(x, 1, createPrg(new Uint8Array(16)), (part) => corrections.push(part.slice()));
  const error = 1n << BigInt(192 - weight);
  // A tree has one value and three masks.
  await keeper.absorb(1, async () => addTo(corrections[0]!, 4 * 24, 24, error));
  const seed = seedFor(stream([...weights, 0], 4));
  // After three sums of the values, each tree has three of its own.
  const answer = upTo(3).reduce(
    (bytes, j) => addTo(bytes, (3 + 3 + j) * 24, 24, BigInt(bet * weights[j]!) * error),
    prover.answer(seed),
  );
  const passed = accepts(() => keeper.verify(seed, answer));
  release();
  for (const part of [prover, keeper]) part.destroy();
  return passed;
}

const sizes: Size[] = [
  { ring: 3, weight: 1, sums: 1 },
  { ring: 3, weight: 2, sums: 1 },
  { ring: 3, weight: 1, sums: 2 },
  ...(LARGE
    ? [
        { ring: 4, weight: 2, sums: 1 },
        { ring: 3, weight: 2, sums: 2 },
      ]
    : []),
];
const title = ({ ring, weight, sums }: Size) => `mod 2^${ring}, weights of ${weight} bits, ${sums} sums`;

test("in the code, values are fixed before the weights are tossed, and answers are sent after", async () => {
  const trace: Trace = [];
  const states = dealOtStates();
  fixCoins("authenticate", new Uint8Array(16));
  const side = (party: 0 | 1) => (link: OperationLink) => {
    const x = states[party].kernels.allocate(24);
    return multiplyByKeys(link, states[party], x, 1, 1);
  };
  expect((await play(side(0), side(1), { trace })).accepted).toBe(true);
  expect(trace).toEqual(["send", "receive", "coins authenticate", "send", "receive"]);
  for (const hangUp of [0, 1]) {
    expect((await play(side(0), side(1), { hangUp })).accepted).toBe(false);
  }
});

test.each(sizes)("two different trees pass without a guess at most as often as stated: %o", (size) => {
  const row = report({
    check: "authentication, two trees that differ",
    toy: title(size),
    bound: bound(size),
    best: differing(size),
  });
  expect(row.best).toBe(row.bound);
});

test("two values at once pass no more often than one", () => {
  expect(differing(sizes[0]!, 2)).toBeLessThanOrEqual(bound(sizes[0]!));
});

test("the game finds the mutant in which the weights are known first", () => {
  const size = sizes[0]!;
  const value = differing(size, 2, "weights first");
  report({ check: "mutant: weights first", toy: title(size), bound: bound(size), best: value });
  expect(value).toBeGreaterThan(bound(size));
});

test.each([1, ...(LARGE ? [2] : [])])(
  "the code that ships passes it as often, for every weight and digit: weights of %d bits",
  async (weight) => {
    let [passed, guessed, all] = [0, 0, 0];
    for (const weights of lists(2 ** weight, 3))
      for (const digit of upTo(4)) {
        all++;
        const free = weights.every((one) => one === 0);
        const accepted = await run({ weight }, weights, digit);
        // It passes by chance, or because the difference has no effect at this digit.
        const harmless = weights.every((one) => (one * digit) % 2 ** weight === 0);
        expect(accepted).toBe(harmless);
        if (free && accepted) passed++;
        // A bet on a digit passes only at that digit, or where the weights do not distinguish it from another.
        const same = weights.every((one) => (one * (digit - 3)) % 2 ** weight === 0);
        expect(await run({ weight }, weights, digit, 3)).toBe(same);
        if (same && !free) guessed++;
      }
    expect(passed / all).toBe(2 ** (-3 * weight));
    expect(guessed).toBeGreaterThan(0);
  },
);
