/** The parts of a toy run that several games use: both parties' states and memory, trees, and the verdict of a check. */

import { expect } from "vitest";
import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import { CheckError } from "../../lib/errors";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import type { TreeShape } from "../../lib/preprocessing/ot/punctured-prf";
import { OtKernels } from "../../lib/preprocessing/wasm/kernels";

/** The kernels of the honest party 0 and of the adversary, party 1. */
export const kernels = [new OtKernels(), new OtKernels()] as const;

/** Record how much of both parties' kernels is in use. The returned function frees everything allocated later. */
export function markKernels(): () => void {
  const marks = kernels.map(({ mark }) => mark);
  return () => {
    kernels.forEach((one, i) => {
      one.release(marks[i]!);
    });
  };
}

/** States for a check that needs only kernels, coins and keys: the honest party's toy key, and 0 for the adversary. */
export function toyStates(alpha: number): [OtState, OtState] {
  const state = (party: 0 | 1) => ({
    identity: createIdentity(party, new Uint8Array(32), createPrg(new Uint8Array(16).fill(party))),
    kernels: kernels[party],
    keeper: { alpha: party === 0 ? BigInt(alpha) : 0n },
  });
  return [state(0), state(1)] as unknown as [OtState, OtState];
}

/** Trees whose holder lacks the first leaf of each, except in the second tree, where it lacks leaf `digit`. */
export function toyTrees({ trees, depth }: TreeShape, digit: number) {
  const leaves = new Uint8Array((trees << depth) * 16);
  createPrg(new Uint8Array(16).fill(9)).fill(leaves);
  const missing = new Uint8Array(trees);
  missing[1] = digit;
  const known = leaves.slice();
  missing.forEach((leaf, tree) => {
    const at = ((tree << depth) + leaf) * 16;
    known.fill(0, at, at + 16);
  });
  return { leaves, known, missing };
}

/** Return true if a check accepts. Any error but a CheckError fails the game. */
export function accepts(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (reason) {
    expect(reason).toBeInstanceOf(CheckError);
    return false;
  }
}
