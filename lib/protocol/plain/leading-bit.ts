import { type RingVector, scope } from "../../ring";
import { type LeadingBitSizes, placesOf } from "../leading-bit-places";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

/** Mark the highest bit of each number, by places: see `placesOf`. */
export function leadingBit(
  { ring }: PlainContext,
  [x]: readonly [x: RingVector],
  sizes: LeadingBitSizes,
): RingVector {
  const { width, signed } = sizes;
  const { count } = placesOf(sizes);
  const numbers = scope(() => ring.toSignedBigInts(wrapTo(x, 64)));
  const marks = numbers.flatMap((number) => {
    const row = new Array<bigint>(count).fill(0n);
    const isNegative = number < 0n;
    const shown = signed ? 2n * (isNegative ? -1n - number : number) + (isNegative ? 1n : 0n) : number;
    if (signed || !isNegative) {
      const low = shown & ((1n << BigInt(signed ? width + 1 : width)) - 1n);
      if (low !== 0n) row[low.toString(2).length - 1] = 1n;
    }
    if (isNegative) row[count - 1] = 1n;
    return row;
  });
  return ring.fromBigInts(marks);
}
