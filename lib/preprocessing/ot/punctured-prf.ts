/**
 * Trees of seeds of which one party knows all leaves and the other all but one of each tree, from one oblivious
 * transfer for each level: the GGM tree as a punctured PRF with a check of consistency; Roy, ePrint 2022/192,
 * section 6 (after Boyle et al., ePrint 2019/1159).
 *
 * A node's children come from it by fixed-key AES, π(x) ⊕ x, so that a level of all trees is one call. Each leaf also
 * makes a check value; their sum and a hash of them all show the receiver that the sums it was given belong to one
 * tree. A sender that cheats is caught, or guesses at which leaf the receiver is blind: it learns no more than bits
 * it has bet on, as the protocols above allow for.
 */

import { FixedKeyCipher } from "../../crypto/block-hash";
import { concatBytes, drawBytes, equalBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { CheckError } from "../../errors";
import type { ByteSource } from "../../ring";
import { KEY_BYTES } from "./base-ot";

const children = [new FixedKeyCipher("tree/left"), new FixedKeyCipher("tree/right")] as const;
const checks = [new FixedKeyCipher("tree/check 0"), new FixedKeyCipher("tree/check 1")] as const;
const keys = new FixedKeyCipher("tree/leaf");

/** How many trees of how many levels. */
export interface TreeShape {
  readonly trees: number;
  readonly depth: number;
}

/** What the sender gives the receiver once the transfers are made. */
export function treeMessageBytes({ trees, depth }: TreeShape): number {
  return trees * depth * 2 * KEY_BYTES + trees * 32 + 32;
}

function feedForward(cipher: FixedKeyCipher, blocks: Uint8Array): Uint8Array {
  const result = new Uint8Array(cipher.permute(blocks));
  for (let i = 0; i < result.length; i++) result[i]! ^= blocks[i]!;
  return result;
}

function xorAt(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, length = KEY_BYTES): void {
  for (let i = 0; i < length; i++) to[toAt + i]! ^= from[fromAt + i]!;
}

/** The next level: children 2j and 2j + 1 of node j. */
function expand(nodes: Uint8Array): Uint8Array {
  const [left, right] = children.map((cipher) => feedForward(cipher, nodes)) as [Uint8Array, Uint8Array];
  const next = new Uint8Array(2 * nodes.length);
  for (let at = 0; at < nodes.length; at += KEY_BYTES) {
    next.set(left.subarray(at, at + KEY_BYTES), 2 * at);
    next.set(right.subarray(at, at + KEY_BYTES), 2 * at + KEY_BYTES);
  }
  return next;
}

/** 32 bytes for each leaf. */
function checkValues(leaves: Uint8Array): Uint8Array {
  const [low, high] = checks.map((cipher) => feedForward(cipher, leaves)) as [Uint8Array, Uint8Array];
  const values = new Uint8Array(2 * leaves.length);
  for (let at = 0; at < leaves.length; at += 16) {
    values.set(low.subarray(at, at + 16), 2 * at);
    values.set(high.subarray(at, at + 16), 2 * at + 16);
  }
  return values;
}

/**
 * Grows trees from fresh roots.
 *
 * @param messages - both messages of the transfer for tree g and level i at g·depth + i
 * @returns the leaves, tree after tree, and the message for the receiver
 */
export function growTrees(
  { trees, depth }: TreeShape,
  messages: readonly (readonly [Uint8Array, Uint8Array])[],
  random: ByteSource,
): { leaves: Uint8Array; message: Uint8Array } {
  let nodes = drawBytes(random, trees * KEY_BYTES);
  const corrections = new Uint8Array(trees * depth * 2 * KEY_BYTES);
  for (let level = 0; level < depth; level++) {
    nodes = expand(nodes) as Uint8Array<ArrayBuffer>;
    const width = 2 ** (level + 1);
    for (let tree = 0; tree < trees; tree++) {
      const at = (tree * depth + level) * 2 * KEY_BYTES;
      messages[tree * depth + level]!.forEach((message, side) => {
        corrections.set(message, at + side * KEY_BYTES);
        for (let j = side; j < width; j += 2)
          xorAt(corrections, at + side * KEY_BYTES, nodes, (tree * width + j) * KEY_BYTES);
      });
    }
  }
  const values = checkValues(nodes);
  const sums = new Uint8Array(trees * 32);
  for (let at = 0; at < values.length; at += 32)
    xorAt(sums, Math.floor(at / (32 << depth)) * 32, values, at, 32);
  const message = concatBytes(corrections, sums, hashLabelled("tree/check", values));
  return { leaves: feedForward(keys, nodes), message };
}

/**
 * The leaves of the same trees but one of each: where the choice bits at its levels, most significant first, are the
 * complement of the leaf's index.
 *
 * @param choices - the choice bits of the transfers
 * @param received - what the transfers gave
 * @param message - from `growTrees`
 * @returns the leaves with zeros for the missing ones, and the index of the missing leaf of each tree
 * @throws {CheckError} the message fits no tree
 */
export function reconstructTrees(
  { trees, depth }: TreeShape,
  choices: Uint8Array,
  received: readonly Uint8Array[],
  message: Uint8Array,
): { leaves: Uint8Array; missing: Uint8Array } {
  const missing = new Uint8Array(trees);
  let nodes = new Uint8Array(trees * KEY_BYTES);
  for (let level = 0; level < depth; level++) {
    nodes = expand(nodes) as Uint8Array<ArrayBuffer>;
    const width = 2 ** (level + 1);
    for (let tree = 0; tree < trees; tree++) {
      const i = tree * depth + level;
      const side = choices[i]!;
      const base = tree * width;
      // Both children of the node that is not known came from zeros.
      nodes.fill(0, (base + 2 * missing[tree]!) * KEY_BYTES, (base + 2 * missing[tree]! + 2) * KEY_BYTES);
      const sum = received[i]!.slice();
      xorAt(sum, 0, message, (2 * i + side) * KEY_BYTES);
      for (let j = side; j < width; j += 2) xorAt(sum, 0, nodes, (base + j) * KEY_BYTES);
      nodes.set(sum, (base + 2 * missing[tree]! + side) * KEY_BYTES);
      missing[tree] = 2 * missing[tree]! + 1 - side;
    }
  }
  const leaves = feedForward(keys, nodes);
  const values = checkValues(nodes);
  const sumsAt = trees * depth * 2 * KEY_BYTES;
  for (let tree = 0; tree < trees; tree++) {
    const leaf = (tree << depth) + missing[tree]!;
    leaves.fill(0, leaf * KEY_BYTES, (leaf + 1) * KEY_BYTES);
    const value = message.slice(sumsAt + tree * 32, sumsAt + (tree + 1) * 32);
    for (let j = 0; j < 1 << depth; j++)
      if (j !== missing[tree]) xorAt(value, 0, values, ((tree << depth) + j) * 32, 32);
    values.set(value, leaf * 32);
  }
  if (!equalBytes(hashLabelled("tree/check", values), message.subarray(sumsAt + trees * 32)))
    throw new CheckError(
      "ot",
      "the seeds that the other party shares by oblivious transfer do not belong together",
    );
  return { leaves, missing };
}
