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

/**
 * 1 / x from x as ±m · 2^(i − f): 1/m times the marks' sum of 2^(f − i).
 *
 * 1/m is below 2^26 in units of its last place, and the weights below 2^35, so the product is below 2^61. Weights of less
 * than half a unit vanish, where the result is below 2^-19.
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
  const back = weighMarks(
    x,
    (place) => (fracBits - place > largest ? 0 : 2 ** (fracBits - place)),
    VALUE_BITS - 1 - INNER - largest,
  );
  return times(inverseMantissa(x), back, precision);
}
