import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

const BITS = 64;

/** The `width` low bits of each number mod 2^64, the lowest first. */
export function bits(
  { ring }: PlainContext,
  [x]: readonly [x: RingVector],
  { width }: Length & { readonly width: number },
): RingVector {
  return scope(() =>
    ring.strided(ring.decompose(wrapTo(x, BITS), width), [x.length, width], [1, x.length], 0),
  );
}

/** x AND y, bit by bit, as signed 64-bit integers. */
export function bitwiseAnd(
  { ring }: PlainContext,
  [x, y]: readonly [x: RingVector, y: RingVector],
): RingVector {
  return scope(() => wrapTo(ring.and(x, y), BITS));
}
