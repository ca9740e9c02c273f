import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { VALUE_BITS } from "../../tensor/fixed-point";
import { POLYNOMIALS } from "./coefficients";
import { evaluate } from "./evaluate";
import { INNER } from "./inner";
import { type Normalised, weighMarks } from "./normalise";

/** 1 / m for the mantissa, with the number's sign, at 26 fractional bits. */
export function inverseMantissa({ unit, sign }: Normalised): SharedTensor {
  const inverse = evaluate(unit, POLYNOMIALS.reciprocal, INNER);
  return sign ? times(inverse, sign, INNER) : inverse;
}

/** What a weight and 1/m may have together. */
const ROOM = VALUE_BITS - 1 - INNER;

/**
 * 1 / x from x as ±m · 2^(i − f): 1/m times the marks' sum of 2^(f − i).
 *
 * 1/m is below 2^26 in units of its last place, so weights may have 35 bits. If that is too few for the largest and for half
 * a unit of the result, which it is at more than 16 fractional bits, those from 1 on and those below it make two products.
 *
 * @param fracBits - f, those of x
 * @param precision - the result's fractional bits
 * @param largest - the result's magnitude is at most 2 to the power of this, else it is 0
 */
export function reciprocalOf(
  x: Normalised,
  fracBits: number,
  precision: number,
  largest: number = Math.min(fracBits, VALUE_BITS - 2 * fracBits),
): SharedTensor {
  const inverse = inverseMantissa(x);
  const weightOf = (place: number) => (fracBits - place > largest ? 0 : 2 ** (fracBits - place));
  if (ROOM - largest > precision + 2)
    return times(inverse, weighMarks(x, weightOf, ROOM - largest), precision);
  const near = weighMarks(x, (place) => (place > fracBits ? 0 : weightOf(place)), 0);
  const far = weighMarks(x, (place) => (place > fracBits ? weightOf(place) : 0), ROOM);
  return combine("add", times(inverse, near, precision), times(inverse, far, precision));
}
