import type { Party } from "../../../channel/channel";
import type { OperationLink } from "../../../channel/operation-link";
import { concatBytes, drawBytes, equalBytes, readWord, wipe } from "../../../crypto/bytes";
import { tossCoins } from "../../../crypto/coins";
import { hashLabelled } from "../../../crypto/hash";
import { createPrg } from "../../../crypto/prg";
import { CheckError } from "../../../errors";
import { addChosen, type BitVector, BLOCK } from "../../../sharing/bits";
import { ELEMENT, type RawVector } from "../../kinds/raw";
import { multiplyByKeys } from "../authenticate";
import { proveBits } from "../bits";
import type { OtState } from "../ot-state";
import { WIDE } from "../ring-vole";
import { type BitBlocks, bitKeyOf, makeRandomBits } from "./random-bits";

/** Sums that compare bits in F_2 with bits in the ring; each takes a spare bit and a mask. */
export const DABIT_SUMS = 64;

const TOP = 1n << 63n;

/** Addresses of wide elements: values that this party authenticated, their v, and the w of the other party's. */
export interface RingElements {
  readonly wide: number;
  readonly v: number;
  readonly w: number;
}

/**
 * Bits of each party that it alone knows, authenticated both in F_2 and in the ring. In each field this party's bits, then
 * the other's. Those of the other party are zeros with MACs.
 */
export interface PrivateDaBits {
  readonly binary: readonly [own: BitVector, peer: BitVector];
  readonly ring: readonly [own: RawVector, peer: RawVector];
}

/**
 * Check that each party's bits in F_2 are its bits in the ring.
 *
 * Coins, tossed when both are fixed and authenticated, name 64 random subsets of the bits. For each subset its owner adds
 * up the bits, with a spare bit of its own, which gives T, and shows X = 2^63·T + 2^64·mu mod 2^128 for an authenticated
 * mask mu. So the low word of X shows the parity of T and nothing else. The same sum in F_2 must have this parity. The MACs
 * of both are checked by one hash, which the other party can compute itself if nobody deviates.
 *
 * A bit that differs changes the parity of half of all sums, each independently. A spare bit that differs too can make up
 * for it, if the owner guesses which sums contain the bit: 2^−64 for 64 sums. To show an X with another parity than its MAC
 * says, a party must know 2^63·alpha mod 2^128, which has 64 unknown bits.
 *
 * @param count - how many bits of each party; 64 spare ones follow them both in `bits` and in `ring`
 * @param ring - of bits that were proven to be bits
 * @param masks - 64 elements, used for nothing else
 * @throws {CheckError} a bit of the other party differs
 *
 * Security: active. Source: Rotaru and Wood, ePrint 2019/207 (daBits); the sums as in MP-SPDZ, DabitSacrifice.
 */
export async function checkDaBits(
  link: OperationLink,
  state: OtState,
  count: number,
  bits: BitBlocks,
  ring: RingElements,
  masks: RingElements,
): Promise<void> {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const { party } = link;
  const mark = kernels.mark;
  const coins = createPrg(await tossCoins(link, identity, "dabits"));
  const subsets = kernels.put(drawBytes(coins, count * 8));
  /** 2^63 times the sums of some elements and their spare ones, plus 2^64 times the masks, mod 2^128. */
  const sums = (elements: number, mask: number) => {
    const plain = kernels.put(kernels.read(elements + count * WIDE, DABIT_SUMS * WIDE));
    run.subsetSums192(elements, subsets, count, plain);
    const shifted = kernels.allocate(DABIT_SUMS * WIDE);
    run.shiftAdd192(plain, 63n, DABIT_SUMS, shifted);
    run.shiftAdd192(mask, 64n, DABIT_SUMS, shifted);
    return shifted;
  };
  const narrow = (elements: number) => {
    const to = kernels.allocate(DABIT_SUMS * ELEMENT);
    run.narrow(elements, DABIT_SUMS, to);
    return kernels.read(to, DABIT_SUMS * ELEMENT);
  };
  const blockSums = (blocks: number) => {
    const to = kernels.put(kernels.read(blocks + count * BLOCK, DABIT_SUMS * BLOCK));
    run.subsetXors(blocks, subsets, count, to);
    return kernels.read(to, DABIT_SUMS * BLOCK);
  };
  const digest = (owner: Party, v: Uint8Array, macs: Uint8Array) =>
    hashLabelled("dabits", identity.session, Uint8Array.of(owner), v, macs);

  const mine = narrow(sums(ring.wide, masks.wide));
  const hash = digest(party, narrow(sums(ring.v, masks.v)), blockSums(bits.own));
  const theirs = await link.exchange(concatBytes(mine, hash));
  const shown = theirs.subarray(0, DABIT_SUMS * ELEMENT);

  // v = w − alpha·X, and the MACs of the parities that X shows.
  const x = kernels.allocate(DABIT_SUMS * WIDE);
  run.widen(kernels.put(shown), DABIT_SUMS, x);
  const product = kernels.allocate(DABIT_SUMS * WIDE);
  run.scaleAdd192(x, keeper.alpha, DABIT_SUMS, product);
  const v = sums(ring.w, masks.w);
  run.subtract192(v, product, DABIT_SUMS, v);
  const macs = blockSums(bits.keys);
  const parities = new Uint8Array(DABIT_SUMS / 8);
  let fits = true;
  for (let i = 0; i < DABIT_SUMS; i++) {
    const word = readWord(shown, i * ELEMENT);
    fits &&= word === 0n || word === TOP;
    if (word === TOP) parities[i >> 3]! |= 1 << (i & 7);
  }
  const key = bitKeyOf(state);
  addChosen(macs, parities, key.delta);
  const expected = digest((1 - party) as Party, narrow(v), macs);
  wipe(key.delta, macs);
  kernels.release(mark);
  if (!fits || !equalBytes(theirs.subarray(DABIT_SUMS * ELEMENT), expected))
    throw new CheckError("mac", "the other party authenticated a bit in F_2 and a different one in the ring");
}

/**
 * Make random bits that each party alone knows, authenticated in F_2 and in the ring: the choice bits of a run of the OT
 * extension, then the same bits in the ring, the proof that those are bits, and the check that they are the same.
 *
 * @param count - how many bits of each party
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort.
 */
export async function makePrivateDaBits(
  link: OperationLink,
  state: OtState,
  count: number,
): Promise<PrivateDaBits> {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const mark = kernels.mark;
  try {
    const all = count + DABIT_SUMS;
    const bits = await makeRandomBits(link, state, 128 * Math.ceil(all / 128));
    const packed = kernels.allocate(Math.ceil(all / 8));
    run.packLow(bits.own, all, packed);
    // The bits, the mask of their proof, and the masks of the sums.
    const length = all + 1 + DABIT_SUMS;
    const wide = kernels.allocate(length * WIDE);
    run.widenBits(packed, all, wide);
    kernels.draw(wide + all * WIDE, identity.random, (1 + DABIT_SUMS) * WIDE);
    const { v, w } = await multiplyByKeys(link, state, wide, length, length);
    const peer = kernels.allocate(count * ELEMENT);
    await proveBits(link, state, packed, all, { wide, v, w });
    const from = (all + 1) * WIDE;
    const masks = { wide: wide + from, v: v + from, w: w + from };
    await checkDaBits(link, state, count, bits, { wide, v, w }, masks);

    const values = kernels.allocate(count * ELEMENT);
    run.narrow(wide, count, values);
    const own = kernels.allocate(count * ELEMENT);
    run.macOfOwn(values, v, keeper.alpha, count, own);
    run.macOfPeer(w, count, peer);
    const read = (at: number) => kernels.read(at, count * ELEMENT);
    const zeros = () => new Uint8Array(count * ELEMENT);
    return {
      binary: [
        { own: read(bits.own), keys: zeros() },
        { own: zeros(), keys: read(bits.keys) },
      ],
      ring: [
        { values: read(values), macs: read(own) },
        { values: zeros(), macs: read(peer) },
      ],
    };
  } finally {
    kernels.release(mark);
  }
}
