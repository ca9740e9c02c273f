/** The checks at the door that all rings share, so that all throw alike. */

import type { Relation, Ring, RingVector } from "./ring";

/** Throws unless x is from this ring, or from one with the same k and implementation. */
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

/** A length is an integer from 0. */
export function requireLength(length: number): void {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError(`a vector cannot have a length of ${length}`);
}

/** Checks the three lengths of a matrix product. */
export function requireMatmul(x: RingVector, y: RingVector, m: number, k: number, n: number): void {
  for (const extent of [m, k, n]) requireLength(extent);
  if (x.length !== m * k || y.length !== k * n) {
    throw new RangeError(
      `vectors of lengths ${x.length} and ${y.length} are no ${m}×${k} and ${k}×${n} matrices`,
    );
  }
}

/** A shift is an integer from 0. */
export function requireShift(bits: number): void {
  if (!Number.isInteger(bits) || bits < 0) throw new RangeError(`a shift by ${bits} bits is no shift`);
}

/** A bit index, or with `last` = k a count of bits. */
export function requireBit(ring: Ring, index: number, last = ring.bits - 1): void {
  if (!Number.isInteger(index) || index < 0 || index > last)
    throw new RangeError(`${index} lies outside the bits of the ring mod 2^${ring.bits}`);
}

export function requireRelation(relation: Relation): void {
  if (!["==", "!=", "<", "<=", ">", ">="].includes(relation))
    throw new RangeError(`${String(relation)} is no relation: it is one of == != < <= > >=`);
}

/** `count` rows of equal length make up the vector. */
export function requireRows(x: RingVector, count: number): void {
  if (count === 0 ? x.length !== 0 : x.length % count !== 0)
    throw new RangeError(`a vector of length ${x.length} has no ${count} equal parts`);
}

export function requireAxes(x: RingVector, outer: number, axis: number, inner: number): void {
  for (const extent of [outer, axis, inner]) requireLength(extent);
  if (x.length !== outer * axis * inner)
    throw new RangeError(`a vector of length ${x.length} is no ${outer}×${axis}×${inner}`);
}

/** `0 ≤ start ≤ end ≤ length`. */
export function requireSlice(x: RingVector, start: number, end: number): void {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > x.length)
    throw new RangeError(`a slice from ${start} to ${end} lies outside a vector of ${x.length}`);
}

/** The bytes hold one bit for each of `length` elements, and no more. */
export function requireBitBytes(bytes: Uint8Array, length: number): void {
  requireLength(length);
  const needed = Math.ceil(length / 8);
  if (bytes.length !== needed)
    throw new RangeError(`${length} bits take ${needed} bytes, not ${bytes.length}`);
  if (length % 8 !== 0 && bytes[needed - 1]! >> (length % 8) !== 0)
    throw new RangeError(`there are bits after the ${length} that were asked for`);
}

/** Checks that every place a strided walk visits lies in a vector of `length`; returns how many it visits. */
export function requireStrided(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  length: number,
): number {
  if (shape.length !== strides.length)
    throw new RangeError(`a shape of ${shape.length} axes does not go with ${strides.length} strides`);
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
      `[${shape}] by strides [${strides}] from ${offset} reaches outside a vector of ${length}`,
    );
  return size;
}

export function indexError(index: number, length: number): RangeError {
  return new RangeError(`index ${index} lies outside a vector of ${length}`);
}

export function fixedPointError(index: number, integerBits: number): RangeError {
  return new RangeError(`element ${index} does not fit: fixed point takes values below 2^${integerBits}`);
}

/** Fractional bits are an integer from 0 to 1022, so that 2^f and 2^−f are doubles. */
export function requireFracBits(fracBits: number): void {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > 1022)
    throw new RangeError(`a number of ${fracBits} fractional bits is none from 0 to 1022`);
}

export function requireByteCount(ring: Ring, bytes: Uint8Array, length: number): void {
  requireLength(length);
  if (bytes.length !== length * ring.bytes)
    throw new RangeError(`${length} elements take ${length * ring.bytes} bytes, not ${bytes.length}`);
}

export function disposedError(): Error {
  return new Error(
    "this vector was disposed of, by dispose() or at the end of the scope that made it; return it from the scope or keep() it",
  );
}
