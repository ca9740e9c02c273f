/**
 * The precision inside functions.
 *
 * Operands come with b = max(16, the session's precision) fractional bits and are below 2^(62−2b) in magnitude, 2^30 at the
 * default precision, as factors of any product are. Polynomials run at 26 fractional bits on values of at
 * most 2^9, so that a product before its truncation stays below 2^(9 + 52) < 2^62.
 */
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { VALUE_BITS } from "../../tensor/fixed-point";

/** Fractional bits of intermediate values. */
export const INNER = 26;
const LEAST = 16;

/** The fractional bits with which operands enter a function. */
export function baseOf({ iface }: SharedTensor): number {
  return Math.max(LEAST, iface.precision);
}

/** Bring an operand to so many fractional bits; exact unless it has more. */
export function toBase(x: SharedTensor): SharedTensor {
  return toScale(x, baseOf(x));
}

/** The bits of an operand's magnitude in units of its last place: products need the rest. */
export function widthOf(x: SharedTensor): number {
  return VALUE_BITS - baseOf(x);
}
