import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { baseOf, INNER, toBase, widthOf } from "./inner";
import { type Normalised, weighMarks } from "./normalise";
import { inverseMantissa } from "./reciprocal-of";

/** What is left of a product beside 1/m: fractional bits of its rest. */
const REST_BITS = 34;

/**
 * x / y for y as ±m · 2^(i − b), with b fractional bits as x.
 *
 * The quotient is below 2^(61 − 2b), 2^29 at b = 16, so v = x · 2^(b − i) is below twice that, and has room for 2b − 1
 * fractional bits. Where i ≤ 2b − 1, 2^(b − i) times 2^(b−1) is whole. Where i is larger, x is cut by as many bits as are
 * missing; its error there is at most half of 2^(62 − 4b), a quarter of a unit at 16 bits.
 *
 * Then v/m = (whole + rest)·(1/m): 26 bits for 1/m and 29 for the whole, or 34 for the rest, are below 62.
 *
 * @param precision - the result's fractional bits, at most 26. Default: the session's
 */
export function quotient(x: SharedTensor, y: Normalised, precision = x.iface.precision): SharedTensor {
  const base = baseOf(x);
  const number = toBase(x);
  const missing = widthOf(x) - 2 * base;
  const near = weighMarks(y, (place) => (place < 2 * base ? 2 ** (base - place) : 0), base - 1);
  let ratio = times(number, near, 2 * base - 1);
  if (missing > 0) {
    const far = weighMarks(y, (place) => (place < 2 * base ? 0 : 2 ** (base - place)), base - 1 + missing);
    ratio = combine("add", ratio, times(toScale(number, base - missing), far, 2 * base - 1));
  }
  if (ratio.fracBits > REST_BITS) ratio = toScale(ratio, REST_BITS);
  const whole = toScale(ratio, 0);
  const rest = combine("sub", ratio, whole);
  const inverse = inverseMantissa(y);
  const sum = combine("add", times(whole, inverse, INNER), times(rest, inverse, INNER));
  return toScale(sum, precision);
}
