// Punctured trees against a sender whose message would make receivers accept contradictory leaves.
import { afterEach, expect, test, vi } from "vitest";
import { CheckError } from "../../lib/errors";
import { growTrees, reconstructTrees, treeMessageBytes } from "../../lib/preprocessing/ot/punctured-prf";
import { lists, report, upTo } from "./game";

/** Bits of a block that count. */
const BITS = 2;
const mutant = { checks: "", hash: false };
/** The last hash that a receiver compared with, and its input. */
let checked = { values: "", hash: new Uint8Array(0) };

// Permutations of few blocks. Two of them check each leaf, so that no two leaves have the same check value.
vi.mock("../../lib/crypto/block-hash", () => {
  const permutations: Record<string, readonly number[]> = {
    "tree/left": [2, 0, 3, 1],
    "tree/right": [1, 3, 0, 2],
    "tree/leaf": [3, 2, 0, 1],
    "tree/check 0": [0, 2, 1, 3],
    "tree/check 1": [0, 1, 3, 2],
  };
  const sessionCipher = (_: Uint8Array, purpose: string) => ({
    permute(blocks: Uint8Array) {
      const permutation =
        permutations[mutant.checks && purpose === "tree/check 1" ? mutant.checks : purpose]!;
      return blocks.map((byte, i) => (i % 16 === 0 ? permutation[byte]! : 0));
    },
  });
  return { sessionCipher };
});
vi.mock("../../lib/crypto/hash", async (original) => {
  const real = await original<typeof import("../../lib/crypto/hash")>();
  const hashLabelled: typeof real.hashLabelled = (label, ...parts) => {
    const hash = mutant.hash ? new Uint8Array(32) : new Uint8Array(real.hashLabelled(label, ...parts));
    if (label === "tree/check") checked = { values: Buffer.from(parts[0]!).toString("hex"), hash };
    return hash;
  };
  return { ...real, hashLabelled };
});

afterEach(() => {
  mutant.checks = "";
  mutant.hash = false;
});

const shape = { trees: 1, depth: 2 };
const session = new Uint8Array(32);
const block = (value: number) => Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? value : 0));
/** The receiver's choices; the adversary knows the messages of the transfers, which are zeros. */
const secrets = lists(2, shape.depth).map((bits) => Uint8Array.from(bits));

/** A message: four corrections, both halves of the sum of check values, and the hash. */
function messageOf(corrections: readonly number[], sum: readonly number[], hash: Uint8Array): Uint8Array {
  const message = new Uint8Array(treeMessageBytes(shape));
  [...corrections, ...sum].forEach((value, i) => {
    message.set(block(value), 16 * i);
  });
  message.set(hash, message.length - 32);
  return message;
}

function receive(choices: Uint8Array, message: Uint8Array) {
  try {
    return reconstructTrees(session, shape, choices, [block(0), block(0)], message);
  } catch (reason) {
    expect(reason).toBeInstanceOf(CheckError);
    return undefined;
  }
}

/** Return true if some leaf that both know differs. */
function contradict(one: ReturnType<typeof receive>, other: ReturnType<typeof receive>): boolean {
  return upTo(4).some((leaf) => {
    if (leaf === one!.missing[0] || leaf === other!.missing[0]) return false;
    return one!.leaves[16 * leaf] !== other!.leaves[16 * leaf];
  });
}

/**
 * Try everything that a sender can send: every correction, every sum, and each hash that some receiver accepts. Return
 * the largest number of receivers that accept contradictory leaves, and the largest number that accept if not all do.
 */
function exhaustive() {
  let contradicting = 0;
  let bets = 0;
  for (const corrections of lists(2 ** BITS, 4))
    for (const sum of lists(2 ** BITS, 2)) {
      // The receivers' hashes: unless the sender sends one of these, no receiver accepts.
      const hashes = secrets.map((choices) => {
        receive(choices, messageOf(corrections, sum, new Uint8Array(32)));
        return checked.values;
      });
      const groups = new Map<string, number[]>();
      hashes.forEach((hash, i) => {
        groups.set(hash, [...(groups.get(hash) ?? []), i]);
      });
      for (const group of mutant.hash ? [upTo(4)] : groups.values()) {
        if (group.length < 2) continue;
        receive(secrets[group[0]!]!, messageOf(corrections, sum, new Uint8Array(32)));
        const message = messageOf(corrections, sum, checked.hash);
        const made = group.map((i) => receive(secrets[i]!, message));
        expect(made.every(Boolean)).toBe(true);
        if (made.some((one) => made.some((other) => contradict(one, other))))
          contradicting = Math.max(contradicting, group.length / 4);
        if (group.length < 4) bets = Math.max(bets, group.length / 4);
      }
    }
  return { contradicting, bets };
}

test("an honest sender's trees are accepted for all choices of the receiver, and equal the sender's", () => {
  for (const root of upTo(2 ** BITS)) {
    const zeros = [0, 1].map(() => [block(0), block(0)] as const);
    const { leaves, message } = growTrees(session, shape, zeros, {
      fill: (bytes) => void bytes.set(block(root)),
    });
    for (const choices of secrets) {
      const made = receive(choices, message)!;
      for (const leaf of upTo(4))
        if (leaf !== made.missing[0]) expect(made.leaves[16 * leaf]).toBe(leaves[16 * leaf]);
    }
  }
});

test("no message makes receivers accept contradictory leaves", () => {
  const { contradicting, bets } = exhaustive();
  const toy = "one tree of 4 leaves of 2 bits";
  expect(
    report({ check: "punctured trees, leaves that contradict", toy, bound: 0, best: contradicting }).best,
  ).toBe(0);
  expect(
    report({ check: "punctured trees, a bet on one choice bit", toy, bound: 1 / 2, best: bets }).best,
  ).toBe(1 / 2);
});

test.each([
  ["both check values come from one permutation", () => Object.assign(mutant, { checks: "tree/check 0" })],
  ["the hash is not compared", () => Object.assign(mutant, { hash: true })],
])("the game finds the mutant in which %s", (name, make) => {
  make();
  const { contradicting } = exhaustive();
  report({ check: `mutant: ${name}`, toy: "one tree of 4 leaves of 2 bits", bound: 0, best: contradicting });
  expect(contradicting).toBeGreaterThan(0);
});
