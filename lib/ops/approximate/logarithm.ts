import { combine } from "../../primitives/add";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { weigh } from "../../primitives/weigh";
import { POLYNOMIALS } from "./coefficients";
import { evaluate } from "./evaluate";
import { INNER } from "./inner";
import { type Normalised, weighMarks } from "./normalise";

/**
 * ln(m) by a polynomial, and the marks' sum of (i − f)·ln 2, at 26 fractional bits.
 *
 * Without a mark the polynomial stands at ln 1.5, the middle of its interval, and the sum is such that the result is the
 * logarithm of half a unit in the last place of x.
 */
export function logarithm(x: Normalised, fracBits: number): SharedTensor {
  const none = -(fracBits + 1) * Math.LN2 - Math.log(1.5);
  const powers = weighMarks(x, (place) => (place - fracBits) * Math.LN2 - none, INNER);
  const whole = weigh([powers], { weights: [1], constant: none, fracBits: 0 }, INNER);
  return combine("add", evaluate(x.unit, POLYNOMIALS.log, INNER), whole);
}
