/**
 * Values in the clear. Between operations they are signed 64-bit integers, as secrets are. Within an operation they are
 * exact: elements of Z_2^128 that hold what the integers would be without a limit, so that an overflow shows.
 */
import { type RingVector, ring64, ring128, scope } from "../../ring";
import { lowWords, widenWords } from "../../sharing/opening";

/** Bring exact values back to the signed integers of so many bits that equal them mod 2^bits. */
export function wrapTo(x: RingVector, bits: number): RingVector {
  const half = 1n << BigInt(bits - 1);
  return scope(() => {
    const shifted = ring128.andScalar(ring128.addScalar(x, half), 2n * half - 1n);
    return ring128.addScalar(shifted, -half);
  });
}

/** Read words mod 2^64 as signed integers. */
export function fromWords(words: RingVector): RingVector {
  return scope(() => wrapTo(widenWords(ring64.toBytes(words)), 64));
}

/** The words mod 2^64 of exact values. */
export function toWords(x: RingVector): RingVector {
  return ring64.fromBytes(lowWords(ring128.toBytes(x)), x.length);
}
