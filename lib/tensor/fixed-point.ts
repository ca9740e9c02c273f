import type { RingVector } from "../ring";
import { checkOptions } from "../text/options";
import { FloatTensor, guarded } from "./float-tensor";
import type { TensorInput } from "./input";
import { type LongTensor, longTensor } from "./long-tensor";
import { encodeNumbers, readNumbers } from "./numbers-input";
import { originOf, plannedSources, type Source } from "./origin";

/** Default fractional bits of fixed-point numbers. */
export const DEFAULT_PRECISION = 16;

/**
 * A value is an integer of 62 bits and a sign. The rest of the ring is a guard: truncation needs it, and `decode` uses
 * it to detect an overflow.
 */
export const VALUE_BITS = 62;

/** The maximum precision of a session: products of numbers below 2^(62 − 2·24) = 2^14 still fit. */
const MAX_PRECISION = 24;

/** @throws {RangeError} the session's precision is not an integer from 0 to 24 */
export function checkPrecision(precision: number): number {
  if (!Number.isInteger(precision) || precision < 0 || precision > MAX_PRECISION) {
    throw new RangeError(
      `precision must be an integer from 0 to ${MAX_PRECISION} fractional bits, got ${precision}: products must stay ` +
        "below 2^(62 − 2·precision) in magnitude, and more bits leave too little room",
    );
  }
  return precision;
}

/** @throws {RangeError} the number is not an integer from 0 to 31 */
export function checkFracBits(fracBits: number): number {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > 31) {
    throw new RangeError(`fractional bits must be an integer from 0 to 31, got ${fracBits}`);
  }
  return fracBits;
}

/**
 * Encode numbers in fixed point: multiply each by 2^16 and round to the nearest integer. This is the form to share.
 *
 * @param data - a FloatTensor, or anything a FloatTensor can be made from; any shape
 * @param options - `fracBits`: fractional bits. Default: 16.
 * @returns the same shape; integers up to 2^46 − 1 in magnitude, which include all 32-bit integers, are exact; bigints
 *   are not rounded to doubles first
 * @throws {TypeError} an element is not a number; the message names its index. Or an option is unknown
 * @throws {RangeError} an element is NaN or infinite, or its magnitude is 2^46 or more (for 16 fractional bits); the
 *   message names its index
 *
 * @example
 * spdz.encode([[2, 0.5]]) // [[131072n, 32768n]]
 */
export function encode(data: TensorInput | FloatTensor, options: { fracBits?: number } = {}): LongTensor {
  checkOptions("encode", options, ["fracBits"]);
  const { fracBits = DEFAULT_PRECISION } = options;
  checkFracBits(fracBits);
  const numbers =
    data instanceof FloatTensor
      ? { shape: data.shape, elements: data.values }
      : readNumbers(data, "encode", "tensor elements");
  const vector = encodeNumbers(numbers, fracBits, VALUE_BITS, "encode");
  return longTensor(vector, numbers.shape, fracBits, { origin: originOf(data) });
}

/**
 * Decode fixed-point integers to numbers: divide each by 2^fracBits.
 *
 * @throws {RangeError} an integer is outside ±2^62: the value overflowed, or it is a share that was not reconstructed
 * @throws {UnsettledError} the tensor is still pending
 *
 * @example
 * spdz.decode(spdz.encode([1.5])) // [1.5]
 */
export function decode(tensor: LongTensor): FloatTensor {
  const { shape, fracBits, origin } = tensor;
  return guarded(decodeVector(tensor.numbers, shape, fracBits), plannedSources(origin));
}

/**
 * Check that doubles hold integers exactly.
 *
 * @param hint - what to do instead
 * @throws {RangeError} an integer is beyond ±2^53
 */
export function requireExact(vector: RingVector, hint: string): void {
  const { ring } = vector;
  const limit = 2n ** 53n;
  const beyond = ring.add(ring.compareScalar(vector, ">", limit), ring.compareScalar(vector, "<", -limit));
  if (ring.sum(beyond) === 0n) return;
  throw new RangeError(
    `an integer is beyond ±2^53, where numbers are not exact: ${hint}. If none should be so large, a value overflowed`,
  );
}

/** @param source - where the numbers come from, if their use is limited in time */
export function decodeVector(
  vector: RingVector,
  shape: readonly number[],
  fracBits: number,
  source?: Source,
): FloatTensor {
  const values = vector.ring.toFloat64(vector, fracBits);
  const limit = 2 ** (VALUE_BITS - fracBits);
  const position = values.findIndex((value) => !(Math.abs(value) < limit));
  if (position >= 0) {
    throw new RangeError(
      `element ${position} is outside ±2^${VALUE_BITS - fracBits}, where a value cannot be told from an overflow. ` +
        "Either a value grew too large, or this is a single share: reconstruct it before decoding.",
    );
  }
  const tensor = FloatTensor.from(values, shape);
  return source ? guarded(tensor, [source]) : tensor;
}
