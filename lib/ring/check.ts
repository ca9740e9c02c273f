/** Argument checks that all rings share, so that all throw the same errors. */

import type { Relation, Ring, RingVector } from "./ring";

/** Throw unless x is from this ring, or from one with the same k and implementation. */
export function requireRing(ring: Ring, x: RingVector): void {
  if (x.ring !== ring && (x.ring.bits !== ring.bits || x.ring.name !== ring.name)) {
    throw new TypeError(
      `a vector of the ${x.ring.name} ring mod 2^${x.ring.bits} was used in the ${ring.name} ring mod 2^${ring.bits}`,
    );
  }
}

export function requireSameLength(x: RingVector, y: RingVector): void {
  if (x.length !== y.length)
    throw new RangeError(`vectors of lengths ${x.length} and ${y.length} do not match`);
}

/** Check that a length is a non-negative integer. */
export function requireLength(length: number): void {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError(`length must be a non-negative integer, got ${length}`);
}

/** Check the three lengths of a matrix product. */
export function requireMatmul(x: RingVector, y: RingVector, m: number, k: number, n: number): void {
  for (const extent of [m, k, n]) requireLength(extent);
  if (x.length !== m * k || y.length !== k * n) {
    throw new RangeError(
      `vectors of lengths ${x.length} and ${y.length} cannot be ${m}×${k} and ${k}×${n} matrices`,
    );
  }
}

/** Check that a shift is a non-negative integer. */
export function requireShift(bits: number): void {
  if (!Number.isInteger(bits) || bits < 0)
    throw new RangeError(`shift must be a non-negative integer, got ${bits}`);
}

/** Check a bit index; with `last` = k, a count of bits. */
export function requireBit(ring: Ring, index: number, last = ring.bits - 1): void {
  if (!Number.isInteger(index) || index < 0 || index > last)
    throw new RangeError(
      `a bit index or count must be an integer from 0 to ${last} in the ring mod 2^${ring.bits}, got ${index}`,
    );
}

export function requireRelation(relation: Relation): void {
  if (!["==", "!=", "<", "<=", ">", ">="].includes(relation))
    throw new RangeError(`relation must be one of == != < <= > >=, got ${String(relation)}`);
}

/** Check that the vector splits into `count` rows of equal length. */
export function requireRows(x: RingVector, count: number): void {
  requireLength(count);
  if (count === 0 ? x.length !== 0 : x.length % count !== 0)
    throw new RangeError(`a vector of length ${x.length} cannot be split into ${count} equal parts`);
}

export function requireAxes(x: RingVector, outer: number, axis: number, inner: number): void {
  for (const extent of [outer, axis, inner]) requireLength(extent);
  if (x.length !== outer * axis * inner)
    throw new RangeError(`a vector of length ${x.length} cannot have the shape ${outer}×${axis}×${inner}`);
}

/** Check that `0 ≤ start ≤ end ≤ length`. */
export function requireSlice(x: RingVector, start: number, end: number): void {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > x.length)
    throw new RangeError(
      `a slice from ${start} to ${end} is out of range for a vector of length ${x.length}`,
    );
}

/** Check that the bytes hold exactly one bit for each of `length` elements. */
export function requireBitBytes(bytes: Uint8Array, length: number): void {
  requireLength(length);
  const needed = Math.ceil(length / 8);
  if (bytes.length !== needed)
    throw new RangeError(`${length} bits must come in ${needed} bytes, got ${bytes.length}`);
  if (length % 8 !== 0 && bytes[needed - 1]! >> (length % 8) !== 0)
    throw new RangeError(`bits after the first ${length} must be 0`);
}

/** Check that a strided walk stays inside a vector of `length`; return how many places it visits. */
export function requireStrided(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  length: number,
): number {
  if (shape.length !== strides.length)
    throw new RangeError(
      `each axis must have one stride, got ${shape.length} axes and ${strides.length} strides`,
    );
  let size = 1;
  let low = offset;
  let high = offset;
  shape.forEach((extent, axis) => {
    requireLength(extent);
    size *= extent;
    const reach = (extent - 1) * strides[axis]!;
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (size > 0 && !(Number.isInteger(low) && Number.isInteger(high) && low >= 0 && high < length))
    throw new RangeError(
      `shape [${shape}] with strides [${strides}] from offset ${offset} is out of range for a vector of length ${length}`,
    );
  return size;
}

export function indexError(index: number, length: number): RangeError {
  return new RangeError(`index ${index} is out of range for a vector of length ${length}`);
}

export function fixedPointError(index: number, integerBits: number): RangeError {
  return new RangeError(
    `element ${index} does not fit: fixed-point values must be below 2^${integerBits} in magnitude`,
  );
}

/** Check fractional bits: an integer from 0 to 1022, so that 2^f and 2^−f are doubles. */
export function requireFracBits(fracBits: number): void {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > 1022)
    throw new RangeError(`fractional bits must be an integer from 0 to 1022, got ${fracBits}`);
}

export function requireByteCount(ring: Ring, bytes: Uint8Array, length: number): void {
  requireLength(length);
  if (bytes.length !== length * ring.bytes)
    throw new RangeError(`${length} elements must come in ${length * ring.bytes} bytes, got ${bytes.length}`);
}

export function disposedError(): Error {
  return new Error(
    "this vector was disposed of, by dispose() or at the end of its scope; to use it longer, return it from the scope or keep() it",
  );
}
