/**
 * Trees of seeds of which one party knows all leaves and the other all but one of each tree, from one oblivious
 * transfer for each level: the GGM tree as a punctured PRF with a check of consistency; Roy, ePrint 2022/192,
 * section 6 (after Boyle et al., ePrint 2019/1159).
 *
 * The children of a node x are π(x) ⊕ x for AES under keys of the session as π. So a level of all trees is one call, and
 * the trees of other sessions do not help against these. Each leaf also makes a check value. The sum of the check values
 * and a hash of them all show the receiver that the sums it was given belong to one tree. A cheating sender is caught,
 * unless it guesses which leaf the receiver lacks: it learns only bits that it has bet on, as the protocols above allow.
 */

import { type FixedKeyCipher, sessionCipher } from "../../crypto/block-hash";
import { concatBytes, drawBytes, equalBytes, wipe } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { CheckError } from "../../errors";
import type { ByteSource } from "../../ring";
import { KEY_BYTES } from "./base-ot";

/** The permutations of one session's trees. */
interface Ciphers {
  readonly children: readonly [FixedKeyCipher, FixedKeyCipher];
  readonly checks: readonly [FixedKeyCipher, FixedKeyCipher];
  readonly keys: FixedKeyCipher;
}

function ciphersOf(session: Uint8Array): Ciphers {
  const cipher = (purpose: string) => sessionCipher(session, `tree/${purpose}`);
  return {
    children: [cipher("left"), cipher("right")],
    checks: [cipher("check 0"), cipher("check 1")],
    keys: cipher("leaf"),
  };
}

/** How many trees of how many levels. */
export interface TreeShape {
  readonly trees: number;
  readonly depth: number;
}

/** Bytes of the sender's message after the transfers. */
export function treeMessageBytes({ trees, depth }: TreeShape): number {
  return trees * depth * 2 * KEY_BYTES + trees * 32 + 32;
}

function feedForward(cipher: FixedKeyCipher, blocks: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = cipher.permute(blocks);
  const result = new Uint8Array(buffer, byteOffset, length);
  for (let i = 0; i < result.length; i++) result[i]! ^= blocks[i]!;
  return result;
}

function xorAt(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, length = KEY_BYTES): void {
  for (let i = 0; i < length; i++) to[toAt + i]! ^= from[fromAt + i]!;
}

/** The next level: children 2j and 2j + 1 of node j, whose level is overwritten. */
function expand({ children }: Ciphers, nodes: Uint8Array): Uint8Array {
  const [left, right] = children.map((cipher) => feedForward(cipher, nodes)) as [Uint8Array, Uint8Array];
  const next = new Uint8Array(2 * nodes.length);
  for (let at = 0; at < nodes.length; at += KEY_BYTES) {
    next.set(left.subarray(at, at + KEY_BYTES), 2 * at);
    next.set(right.subarray(at, at + KEY_BYTES), 2 * at + KEY_BYTES);
  }
  wipe(left, right, nodes);
  return next;
}

/** 32 bytes for each leaf. */
function checkValues({ checks }: Ciphers, leaves: Uint8Array): Uint8Array {
  const [low, high] = checks.map((cipher) => feedForward(cipher, leaves)) as [Uint8Array, Uint8Array];
  const values = new Uint8Array(2 * leaves.length);
  for (let at = 0; at < leaves.length; at += 16) {
    values.set(low.subarray(at, at + 16), 2 * at);
    values.set(high.subarray(at, at + 16), 2 * at + 16);
  }
  wipe(low, high);
  return values;
}

/**
 * Grow trees from fresh roots.
 *
 * @param session - the session's name, the same on both sides
 * @param messages - both messages of the transfer for tree g and level i at g·depth + i
 * @returns the leaves, tree after tree, and the message for the receiver
 */
export function growTrees(
  session: Uint8Array,
  { trees, depth }: TreeShape,
  messages: readonly (readonly [Uint8Array, Uint8Array])[],
  random: ByteSource,
): { leaves: Uint8Array; message: Uint8Array } {
  const ciphers = ciphersOf(session);
  let nodes = drawBytes(random, trees * KEY_BYTES);
  const corrections = new Uint8Array(trees * depth * 2 * KEY_BYTES);
  for (let level = 0; level < depth; level++) {
    nodes = expand(ciphers, nodes) as Uint8Array<ArrayBuffer>;
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
  const values = checkValues(ciphers, nodes);
  const sums = new Uint8Array(trees * 32);
  for (let at = 0; at < values.length; at += 32)
    xorAt(sums, Math.floor(at / (32 << depth)) * 32, values, at, 32);
  const message = concatBytes(corrections, sums, hashLabelled("tree/check", values));
  const leaves = feedForward(ciphers.keys, nodes);
  wipe(nodes, values);
  return { leaves, message };
}

/**
 * Reconstruct all leaves of the same trees but one of each: the one whose index is the complement of the choice bits at
 * its levels, most significant first.
 *
 * @param session - the same as at the sender
 * @param choices - the choice bits of the transfers
 * @param received - the messages that the transfers gave
 * @param message - from `growTrees`
 * @returns the leaves with zeros for the missing ones, and the index of the missing leaf of each tree
 * @throws {CheckError} the message fits no tree
 */
export function reconstructTrees(
  session: Uint8Array,
  { trees, depth }: TreeShape,
  choices: Uint8Array,
  received: readonly Uint8Array[],
  message: Uint8Array,
): { leaves: Uint8Array; missing: Uint8Array } {
  const ciphers = ciphersOf(session);
  const missing = new Uint8Array(trees);
  let nodes = new Uint8Array(trees * KEY_BYTES);
  for (let level = 0; level < depth; level++) {
    nodes = expand(ciphers, nodes) as Uint8Array<ArrayBuffer>;
    const width = 2 ** (level + 1);
    for (let tree = 0; tree < trees; tree++) {
      const i = tree * depth + level;
      const side = choices[i]!;
      const base = tree * width;
      // Both children of the unknown node were made from zeros.
      nodes.fill(0, (base + 2 * missing[tree]!) * KEY_BYTES, (base + 2 * missing[tree]! + 2) * KEY_BYTES);
      const sum = received[i]!.slice();
      xorAt(sum, 0, message, (2 * i + side) * KEY_BYTES);
      for (let j = side; j < width; j += 2) xorAt(sum, 0, nodes, (base + j) * KEY_BYTES);
      nodes.set(sum, (base + 2 * missing[tree]! + side) * KEY_BYTES);
      sum.fill(0);
      missing[tree] = 2 * missing[tree]! + 1 - side;
    }
  }
  const leaves = feedForward(ciphers.keys, nodes);
  const values = checkValues(ciphers, nodes);
  const sumsAt = trees * depth * 2 * KEY_BYTES;
  for (let tree = 0; tree < trees; tree++) {
    const leaf = (tree << depth) + missing[tree]!;
    leaves.fill(0, leaf * KEY_BYTES, (leaf + 1) * KEY_BYTES);
    const value = message.slice(sumsAt + tree * 32, sumsAt + (tree + 1) * 32);
    for (let j = 0; j < 1 << depth; j++)
      if (j !== missing[tree]) xorAt(value, 0, values, ((tree << depth) + j) * 32, 32);
    values.set(value, leaf * 32);
  }
  const fits = equalBytes(hashLabelled("tree/check", values), message.subarray(sumsAt + trees * 32));
  wipe(nodes, values);
  if (!fits) {
    wipe(leaves, missing);
    throw new CheckError(
      "ot",
      "the seeds that the other party shares by oblivious transfer do not belong together",
    );
  }
  return { leaves, missing };
}
