import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { sessionCipher } from "../../crypto/block-hash";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import { growTrees, reconstructTrees } from "./punctured-prf";

const shape = { trees: 2, depth: 3 };
const sessions = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array];

/** Trees from the same roots and the same transfers. */
function grow(session: Uint8Array) {
  const random = createPrg(seedOf(4));
  const messages = Array.from({ length: 6 }, () => [drawBytes(random, 16), drawBytes(random, 16)] as const);
  const choices = Uint8Array.from([0, 1, 1, 0, 0, 1]);
  const received = () => messages.map((pair, i) => pair[choices[i]!]!.slice());
  return { ...growTrees(session, shape, messages, random), choices, received };
}

test("both parties have the same leaves, except one of each tree", () => {
  const { leaves, message, choices, received } = grow(sessions[0]);
  const punctured = reconstructTrees(sessions[0], shape, choices, received(), message);
  expect([...punctured.missing]).toEqual([4, 6]);
  for (let leaf = 0; leaf < 16; leaf++) {
    const mine = punctured.leaves.subarray(16 * leaf, 16 * leaf + 16);
    const lacks = punctured.missing[leaf >> 3] === (leaf & 7);
    expect(mine).toEqual(lacks ? new Uint8Array(16) : leaves.subarray(16 * leaf, 16 * leaf + 16));
  }
});

test("trees belong to one session: the same roots give other trees in another, and its receiver refuses them", () => {
  const [here, there] = sessions.map(grow) as [ReturnType<typeof grow>, ReturnType<typeof grow>];
  for (let at = 0; at < here.leaves.length; at += 16)
    expect(here.leaves.subarray(at, at + 16)).not.toEqual(there.leaves.subarray(at, at + 16));
  const { message, choices, received } = here;
  expect(() => reconstructTrees(sessions[1], shape, choices, received(), message)).toThrow(CheckError);
});

test("each purpose and each session has a permutation of its own", () => {
  const made = sessions.flatMap((session) =>
    ["tree/left", "tree/right", "correlated transfers"].map((purpose) =>
      Buffer.from(sessionCipher(session, purpose).permute(new Uint8Array(16))).toString("hex"),
    ),
  );
  expect(new Set(made).size).toBe(6);
});
