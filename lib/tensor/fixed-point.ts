import { type RingVector, ring64 } from "../ring";
import { FloatTensor, guarded } from "./float-tensor";
import type { TensorInput } from "./input";
import { type LongTensor, longTensor } from "./long-tensor";
import { originOf, plannedSources, type Source } from "./origin";

/** Fractional bits of fixed-point numbers unless told otherwise. */
export const DEFAULT_PRECISION = 16;

/**
 * Integers of 62 bits and a sign are values; the rest of the ring is the guard that truncation needs and that lets
 * `decode` tell an overflow.
 */
export const VALUE_BITS = 62;

/** @throws {RangeError} no integer from 0 to 31 */
export function checkFracBits(fracBits: number): number {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > 31) {
    throw new RangeError(`fixed point takes 0 to 31 fractional bits, not ${fracBits}`);
  }
  return fracBits;
}

/**
 * Numbers as fixed-point integers: each times 2^16, rounded to the nearest. This is the form that is shared.
 *
 * @param data - a FloatTensor, or whatever one is made from; any shape
 * @param options - `fracBits`: fractional bits, 16 unless given
 * @returns the same shape; integers of magnitude up to 2^46 − 1, among them all of 32 bits, are exact
 * @throws {RangeError} NaN, Infinity, or a magnitude of 2^46 (for 16 fractional bits) and more
 */
export function encode(
  data: TensorInput | FloatTensor,
  { fracBits = DEFAULT_PRECISION }: { fracBits?: number } = {},
): LongTensor {
  const tensor = new FloatTensor(data);
  const vector = ring64.fromFloat64(tensor.values, checkFracBits(fracBits), VALUE_BITS);
  return longTensor(vector, tensor.shape, fracBits, { origin: originOf(data) });
}

/**
 * The numbers that fixed-point integers stand for.
 *
 * @throws {RangeError} an integer lies outside ±2^62: an overflow, or a share that was not reconstructed first
 * @throws {UnsettledError} the tensor is still under way
 */
export function decode(tensor: LongTensor): FloatTensor {
  const { shape, fracBits, origin } = tensor;
  return guarded(decodeVector(tensor.numbers, shape, fracBits), plannedSources(origin));
}

/** @param source - what the numbers come from, where they must not be used for ever */
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
      `element ${position} lies outside ±2^${VALUE_BITS - fracBits}, where a value cannot be told from an overflow. ` +
        "Either a computation grew too large, or a single share was decoded: reconstruct it first.",
    );
  }
  const tensor = FloatTensor.from(values, shape);
  return source ? guarded(tensor, [source]) : tensor;
}
