import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

/**
 * Compute x >> bits, rounded down. The protocols give that, or one more. Beyond ±2^62 they give something else, and so
 * does this.
 */
export function truncate(
  { ring, cut }: PlainContext,
  [x]: readonly [x: RingVector],
  { bits }: Length & { readonly bits: number },
): RingVector {
  cut({ before: x, bits });
  return scope(() => ring.shiftRightSigned(wrapTo(x, 64), bits));
}
