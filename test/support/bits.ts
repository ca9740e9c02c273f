import { expect } from "vitest";
import { drawBytes } from "../../lib/crypto/bytes";
import { createIdentity, type Identity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import {
  addChosen,
  type BitKey,
  type BitVector,
  BLOCK,
  bitAt,
  packBits,
  wordsOf,
} from "../../lib/sharing/bits";
import { seedOf } from "./machines";

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

/** Deal keys and shares of bits to two parties, as a trusted dealer would. */
export function dealBits(seed: number) {
  const random = createPrg(seedOf(seed));
  const session = drawBytes(random, 32);
  const keys = ([0, 1] as const).map((party): BitKey => {
    const delta = drawBytes(random, BLOCK).slice();
    delta[0]! |= 1;
    return { party, delta };
  }) as [BitKey, BitKey];
  const identities = ([0, 1] as const).map((party) =>
    createIdentity(party, session, createPrg(seedOf(seed), 1 + party)),
  ) as [Identity, Identity];
  return {
    keys,
    identities,
    share(bits: readonly number[]): [BitVector, BitVector] {
      const count = bits.length;
      const first = drawBytes(random, Math.ceil(count / 8)).slice();
      const second = first.slice();
      bits.forEach((bit, i) => {
        second[i >> 3]! ^= bit << (i & 7);
      });
      // Each party's keys are uniform, and the other's MACs follow from its bits.
      const drawn = [0, 1].map(() => {
        const blocks = drawBytes(random, count * BLOCK).slice();
        for (let i = 0; i < count; i++) blocks[i * BLOCK]! &= 254;
        return blocks;
      }) as [Uint8Array, Uint8Array];
      const macs = (own: Uint8Array, party: 0 | 1) => {
        const blocks = drawn[1 - party]!.slice();
        addChosen(blocks, own, keys[1 - party]!.delta);
        return blocks;
      };
      return [
        { own: macs(first, 0), keys: drawn[0] },
        { own: macs(second, 1), keys: drawn[1] },
      ];
    },
  };
}
