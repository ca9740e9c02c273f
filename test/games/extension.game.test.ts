// The consistency check of the OT extension: a receiver that names different choice bits to different trees.
import { expect, test, vi } from "vitest";
import type { OperationLink } from "../../lib/channel/operation-link";
import { LINEAR_HASH_BYTES } from "../../lib/crypto/linear-hash";
import { extendBoth } from "../../lib/preprocessing/ot/extend";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "../../lib/preprocessing/ot/soft-spoken";
import { dealOtStates } from "../support/machines";
import { fixCoins, LARGE, lists, max, mean, play, report, seedFor, type Trace, upTo } from "./game";
import { fromField, hashAt, subfield, times } from "./point-hash";
import { accepts, kernels, markKernels, toyTrees } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);
// Evaluate the same polynomial at the key itself: a toy key is an element of a small subfield of GF(2^128).
vi.mock("../../lib/crypto/linear-hash", async (original) => {
  const real = await original<typeof import("../../lib/crypto/linear-hash")>();
  const { PointHash } = await import("./point-hash.js");
  return { ...real, LinearHash: PointHash };
});

/** Bits of the field that keys and differences are from, blocks of choice bits, columns of a tree. */
interface Size {
  readonly field: number;
  readonly blocks: number;
  readonly columns: number;
}

/** The field with its elements numbered: 0 is zero; sums and products are tables. */
function tables(bits: number) {
  const elements = subfield(bits);
  const number = new Map(elements.map((x, i) => [x, i]));
  const all = (f: (x: bigint, y: bigint) => bigint) =>
    elements.map((x) => elements.map((y) => number.get(f(x, y))!));
  return { elements, plus: all((x, y) => x ^ y), times: all(times) };
}

/**
 * Compute, by exhaustive search, the probability that a receiver passes whose choice bits differ between two trees,
 * without having guessed the digit of Delta that makes the difference harmless. Search in the code's order: corrections,
 * the hash's key, the answer (a hash of the choice bits, and one of each column).
 */
function differing({ field, blocks, columns }: Size, order: "real" | "key first" = "real"): number {
  const { plus, times: product } = tables(field);
  const numbers = upTo(2 ** field);
  const digits = lists(2 ** columns, 2) as readonly [number, number][];
  const rest = (difference: readonly number[], key: number) => {
    const hash = difference.reduce((sum, block) => product[plus[sum]![block]!]![key]!, 0);
    return max(numbers, (shift) => {
      // The error of each column of both trees: one where the digit's bit is set, or none.
      const groups = new Map<string, (readonly [number, number])[]>();
      for (const digit of digits) {
        const owed = [shift, plus[hash]![shift]!].flatMap((error, tree) =>
          upTo(columns).map((j) => ((digit[tree]! >> j) & 1) * error),
        );
        const name = owed.join();
        groups.set(name, [...(groups.get(name) ?? []), digit]);
      }
      // If the digit is known, this tree's choice bits are as good as the other tree's.
      const harmless = (some: readonly (readonly [number, number])[]) =>
        [0, 1].some((tree) => some.every((digit) => digit[tree] === some[0]![tree]));
      return max(groups.values(), (some) => (harmless(some) ? 0 : some.length / digits.length));
    });
  };
  const differences = lists(2 ** field, blocks).filter((list) => list.some((block) => block !== 0));
  return order === "key first"
    ? mean(numbers, (key) => max(differences, (difference) => rest(difference, key)))
    : max(differences, (difference) => mean(numbers, (key) => rest(difference, key)));
}

/** The largest number of roots of a polynomial of that degree; zero is one of them. */
const bound = ({ field, blocks }: Size) => blocks / 2 ** field;

/** Run the code that ships with 32 trees, of which the second gets different choice bits. */
async function run(
  difference: readonly bigint[],
  key: bigint,
  digit: number,
  bet: number | undefined = undefined,
): Promise<boolean> {
  const { leaves, known, missing } = toyTrees(EXTENSION_TREES, digit);
  const release = markKernels();
  const receiver = new ExtensionReceiver(kernels[0], leaves);
  const sender = new ExtensionSender(kernels[1], known, missing);
  const corrections: Uint8Array[] = [];
  receiver.prepare(128 * difference.length, (part) => corrections.push(part.slice()));
  // The first tree has no corrections, so those of the second come first.
  difference.forEach((block, i) => {
    fromField(block).forEach((byte, j) => {
      corrections[0]![16 * i + j]! ^= byte;
    });
  });
  await sender.absorb(128 * difference.length, async () => corrections[0]!);
  const seed = seedFor(fromField(key));
  const answer = receiver.answer(seed);
  if (bet !== undefined)
    for (const j of upTo(4))
      fromField(hashAt(key, difference)).forEach((byte, i) => {
        answer[(4 + j) * LINEAR_HASH_BYTES + i]! ^= ((bet >> j) & 1) * byte;
      });
  const passed = accepts(() => sender.verify(seed, answer));
  release();
  for (const part of [receiver, sender]) part.destroy();
  return passed;
}

const sizes: Size[] = [
  { field: 2, blocks: 1, columns: 2 },
  { field: 2, blocks: 3, columns: 1 },
  { field: 4, blocks: 1, columns: 2 },
  { field: 4, blocks: 2, columns: 1 },
  ...(LARGE ? [{ field: 4, blocks: 3, columns: 1 }] : []),
];
const title = ({ field, blocks, columns }: Size) =>
  `GF(2^${field}), ${blocks} blocks, digits of ${columns} bits`;

test("in the code, choice bits are fixed before the hash's key is tossed, and answers are sent after", async () => {
  const trace: Trace = [];
  const states = dealOtStates();
  fixCoins("ot", fromField(1n));
  const side = (party: 0 | 1) => (link: OperationLink) => {
    const { identity, sender, receiver } = states[party];
    return extendBoth(link, identity, sender, receiver, 128);
  };
  expect((await play(side(0), side(1), { trace })).accepted).toBe(true);
  expect(trace).toEqual(["send", "receive", "coins ot", "send", "receive"]);
  for (const hangUp of [0, 1]) {
    expect((await play(side(0), side(1), { hangUp })).accepted).toBe(false);
  }
});

test.each(sizes)("different choice bits pass without a guess at most as often as stated: %o", (size) => {
  const row = report({
    check: "OT extension, two trees that differ",
    toy: title(size),
    bound: bound(size),
    best: differing(size),
  });
  expect(row.best).toBe(row.bound);
});

test("the game finds the mutant in which the hash's key is known first", () => {
  const size = sizes[1]!;
  const value = differing(size, "key first");
  report({ check: "mutant: key first", toy: title(size), bound: bound(size), best: value });
  expect(value).toBeGreaterThan(bound(size));
});

test("the real code accepts a difference at its roots, or at the guessed digit", async () => {
  const elements = subfield(4);
  // Roots 0 and 1: x² + x.
  const one = elements.find((x) => x !== 0n && times(x, x) === x)!;
  const difference = [one, one];
  let passed = 0;
  for (const key of elements) {
    const free = hashAt(key, difference) === 0n;
    if (free) passed++;
    expect(await run(difference, key, 6)).toBe(free);
  }
  expect(passed / elements.length).toBe(differing({ field: 4, blocks: 2, columns: 1 }));
  const key = elements.find((x) => hashAt(x, difference) !== 0n)!;
  expect(await run(difference, key, 0)).toBe(true);
  for (const digit of [0, 2, 6, 7, 14]) expect(await run(difference, key, digit, 6)).toBe(digit === 6);
});
