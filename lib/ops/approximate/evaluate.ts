import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import { weigh } from "../../primitives/weigh";
import type { Polynomial } from "./coefficients";
import { INNER } from "./inner";

/** Fractional bits of the factor that maps an interval to [−1, 1]. */
const MAP_BITS = 32;
const BLOCK = 4;
const WIDE = 2 * INNER;

/**
 * Map x in the polynomial's interval to z from −1 to 1, at 26 fractional bits. Needs no truncation where the map is by whole
 * numbers and x has 26 fractional bits already.
 */
export function toUnit(x: SharedTensor, { interval: [from, to] }: Polynomial): SharedTensor {
  const [slope, constant] = [2 / (to - from), -(from + to) / (to - from)];
  if (Number.isInteger(slope) && Number.isInteger(constant))
    return toScale(weigh([x], { weights: [slope], constant, fracBits: 0 }, x.fracBits), INNER);
  return weigh([x], { weights: [slope], constant, fracBits: MAP_BITS }, INNER);
}

/**
 * Evaluate a polynomial of degree up to 19 at z from −1 to 1, in blocks of four powers: Paterson and Stockmeyer, SIAM J.
 * Comput. 1973.
 *
 * z has 26 fractional bits. Powers are off by less than 8 units of them, and so the result by less than 2^-22 times the sum
 * of the coefficients' magnitudes, besides the unit of its own truncation. That sum is below 15 for every polynomial here, so
 * no value reaches 2^5.
 *
 * @param precision - the result's fractional bits, at most 52
 */
export function evaluate(z: SharedTensor, { coefficients }: Polynomial, precision: number): SharedTensor {
  const z2 = square(z, INNER);
  const z3 = times(z2, z, INNER);
  const z4 = square(z2, INNER);
  const blocks = Array.from({ length: Math.ceil(coefficients.length / BLOCK) }, (_, i) => {
    const [constant = 0, ...weights] = coefficients.slice(BLOCK * i, BLOCK * (i + 1));
    const terms = [z, z2, z3].slice(0, weights.length);
    // The lowest is added at the scale of a product; the others are factors.
    if (terms.length > 0) return weigh(terms, { weights, constant, fracBits: INNER }, i === 0 ? WIDE : INNER);
    return weigh([z], { weights: [0], constant, fracBits: INNER }, INNER);
  });
  const [b0, b1, b2, b3, b4] = blocks as [SharedTensor, ...SharedTensor[]];
  let sum = b1 ? combine("add", b0, times(b1, z4, WIDE)) : b0;
  if (b2) {
    const high = b3 ? combine("add", b2, times(b3, z4, INNER)) : b2;
    const z8 = square(z4, INNER);
    sum = combine("add", sum, times(high, z8, WIDE));
    if (b4) sum = combine("add", sum, times(b4, square(z8, INNER), WIDE));
  }
  return toScale(sum, precision);
}
