/** Signed 64-bit integers in the clear, as doubles. */
import { FloatTensor } from "../../tensor/float-tensor";
import { zip } from "../zip";

/** Bits of an integer. */
export const WORD_BITS = 64;

/** A function of two integers, with broadcasting; the result is read as a signed 64-bit integer. */
export function onWords(
  x: FloatTensor,
  other: FloatTensor,
  f: (a: bigint, b: bigint) => bigint,
): FloatTensor {
  return zip(x, other, (a, b) => Number(BigInt.asIntN(WORD_BITS, f(BigInt(a), BigInt(b)))));
}

/** The `count` low bits of every integer, along a new last axis, the lowest first. */
export function splitWords(x: FloatTensor, count: number): FloatTensor {
  const bits = Array.from(x.values).flatMap((value) => {
    const word = BigInt(value);
    return Array.from({ length: count }, (_, i) => Number((word >> BigInt(i)) & 1n));
  });
  return FloatTensor.from(Float64Array.from(bits), [...x.shape, count]);
}

/** @throws {RangeError} a count of bits is not a whole number in its range */
export function requireBits(operation: string, count: number, from: number, to: number): void {
  if (Number.isInteger(count) && count >= from && count <= to) return;
  throw new RangeError(
    `${operation}: a count of bits must be a whole number from ${from} to ${to}, got ${count}`,
  );
}
