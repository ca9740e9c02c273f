/** Convert doubles to fixed point (signed integers with `fracBits` fractional bits) and back. */

import { fixedPointError } from "../check";
import { roundToEven } from "../round";

/** @throws {RangeError} a number is NaN, or its scaled magnitude is not below 2^limitBits */
export function encodeFixedPoint(values: Float64Array, fracBits: number, limitBits: number): bigint[] {
  const limit = 2 ** limitBits;
  return Array.from(values, (value, i) => {
    const scaled = value * 2 ** fracBits;
    if (!(Math.abs(scaled) < limit)) throw fixedPointError(i, limitBits - fracBits);
    return BigInt(roundToEven(scaled));
  });
}

export function decodeFixedPoint(values: readonly bigint[], fracBits: number): Float64Array {
  return Float64Array.from(values, (value) => Number(value) / 2 ** fracBits);
}
