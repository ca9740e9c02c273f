import { expect } from "vitest";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { type BitKey, type BitVector, BLOCK, bitAt, packBits, wordsOf } from "../../lib/sharing/bits";

export const toBitVector = ({ values, macs }: RawVector): BitVector => ({ own: values, keys: macs });

/** The bits that both parties' shares stand for, once every MAC has been held against its key. */
export function joinBits(shares: readonly [BitVector, BitVector], keys: readonly [BitKey, BitKey]): number[] {
  const packed = shares.map(packBits);
  for (const party of [0, 1] as const) {
    const mine = wordsOf(shares[party].own);
    const theirs = wordsOf(shares[1 - party]!.keys);
    const delta = wordsOf(keys[1 - party]!.delta);
    const expected = mine.map(
      (_, i) => theirs[i]! ^ (delta[i % 4]! & -bitAt(packed[party]!, Math.floor(i / 4))),
    );
    expect(Buffer.from(mine.buffer).equals(Buffer.from(expected.buffer)), `MACs of party ${party}`).toBe(
      true,
    );
  }
  const count = shares[0].own.length / BLOCK;
  return Array.from({ length: count }, (_, i) => bitAt(packed[0]!, i) ^ bitAt(packed[1]!, i));
}
