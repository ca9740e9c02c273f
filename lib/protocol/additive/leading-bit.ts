import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, scope } from "../../ring";
import { addDemands } from "../demand";
import type { LeadingBitSizes } from "../leading-bit-places";
import { placesOf } from "../leading-bit-places";
import { andWords, bitsOf, toBinary } from "./binary";
import { requireComparison } from "./capable";
import type { AdditiveProtocol } from "./context";

const WORD = 8;
const BITS = 64;

/**
 * Mark the highest bit of x, by places: see `placesOf`. Exact where −2^width ≤ x < 2^width.
 *
 * 1. Turn x into XOR shares of its bits.
 * 2. Bring every place the OR of itself and all above it, by words that are shifted further and further.
 * 3. Where that turns from 0 to 1, the highest bit is. Turn these places into integers.
 */
export const leadingBit = {
  check: (_: LeadingBitSizes, can: Capabilities) => void requireComparison(can),
  demand(sizes: LeadingBitSizes, setting: { readonly can: Capabilities }) {
    const { length } = sizes;
    const { count, ored } = placesOf(sizes);
    const levels = distancesOf(ored).length;
    const ors = { items: { ands: levels * length }, rounds: levels, bytes: 2 * WORD * levels * length };
    return addDemands(
      toBinary.demand({ length, width: BITS }),
      ors,
      bitsOf.demand({ length, width: count }, setting),
    );
  },
  async run(ctx, [x], sizes): Promise<RingVector> {
    const { ring } = ctx;
    const { length, width, signed } = sizes;
    const { count, ored } = placesOf(sizes);
    const binary = await toBinary.run(ctx, [x], { length, width: BITS });
    const { start, sign } = scope(() => {
      const sign = ring.shiftRight(binary.words, BITS - 1);
      if (!signed) {
        const low = ring.andScalar(binary.words, (1n << BigInt(width)) - 1n);
        return { start: ring.xor(low, ring.shiftLeft(sign, width)), sign };
      }
      // The complement of a number below zero, and the sign below it.
      const all = ring.xor(binary.words, ring.shiftRightSigned(binary.words, BITS - 1));
      const low = ring.andScalar(all, (1n << BigInt(width)) - 1n);
      return { start: ring.xor(ring.shiftLeft(low, 1), sign), sign };
    });
    binary.words.dispose();
    let any = start;
    for (const distance of distancesOf(ored)) {
      const above = ring.shiftRight(any, distance);
      const [both] = await andWords(ctx, any, above);
      const next = scope(() => ring.xor(ring.xor(any, above), both!));
      for (const vector of [any, above, both!]) vector.dispose();
      any = next;
    }
    const words = scope(() => {
      const marks = ring.xor(any, ring.shiftRight(any, 1));
      return signed ? ring.xor(marks, ring.shiftLeft(sign, width + 1)) : marks;
    });
    for (const vector of [any, sign]) vector.dispose();
    const result = await bitsOf.run(ctx, [{ words }], { length, width: count });
    words.dispose();
    return result;
  },
} satisfies AdditiveProtocol<LeadingBitSizes, [x: RingVector]>;

/** How far to look up, level by level, until every place has met all above it. */
function distancesOf(places: number): number[] {
  const distances: number[] = [];
  for (let distance = 1; distance < places; distance *= 2) distances.push(distance);
  return distances;
}
