import type { Length } from "./protocol";

const WORD_BITS = 64;

/** Whether numbers below zero count too, and how many bits a magnitude has at most. */
export type LeadingBitSizes = Length & { readonly width: number; readonly signed: boolean };

/**
 * What the leading bit of a number looks like: integers 0 and 1, one of which is 1 for the highest bit, and the sign at the
 * end.
 *
 * - Unsigned: place i is 1 if 2^i ≤ x < 2^(i+1), for i below `width`. None is for x ≤ 0.
 * - Signed: there is a first place for x = −1. Then place i is 1 if 2^i ≤ x < 2^(i+1), or 2^i < −x ≤ 2^(i+1). None is for
 *   x = 0.
 *
 * Above zero, bits from 2^width on do not count; below, those of −1 − x.
 *
 * @returns how many integers there are for a number, and how many places an OR runs over
 * @throws {RangeError} they are not from 1 to 64: words of bits would lose the last ones
 */
export function placesOf({ width, signed }: LeadingBitSizes): {
  readonly count: number;
  readonly ored: number;
} {
  const most = WORD_BITS - (signed ? 2 : 1);
  if (!Number.isInteger(width) || width < 1 || width > most)
    throw new RangeError(`the leading bit is one of 1 to ${most} bits, got ${width}`);
  // The sign is among the places of an unsigned number, so that nothing below it counts.
  return signed ? { count: width + 2, ored: width + 1 } : { count: width + 1, ored: width + 1 };
}
