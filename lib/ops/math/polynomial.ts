import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant, timesConstant } from "../constant";
import { defineOp } from "../define";

/**
 * Evaluate a polynomial with public coefficients, element by element, by Horner's rule.
 *
 * Keep the magnitude of every partial sum below 2^(62 − 2·precision), 2^30 at 16 fractional bits; larger ones wrap around
 * unnoticed.
 *
 * @param coefficients - numbers, the constant first
 * @returns at the session's precision, within 2·(1 + |x| + … + |x|^n) units in the last place for degree n
 * @throws {TypeError} a coefficient is not a finite number
 * @throws {RangeError} there are no coefficients
 *
 * @example
 * x.polynomial([1, 0, -0.5])
 */
export const polynomial = defineOp({
  parameters: { x: "operand", coefficients: "argument" },
  check: (_x, coefficients) => {
    if (!Array.isArray(coefficients) || !coefficients.every(Number.isFinite))
      throw new TypeError("polynomial takes an array of finite numbers, the constant first");
    if (coefficients.length === 0) throw new RangeError("polynomial needs at least one coefficient");
  },
  forward: evaluate,
  gradient: (g, _made, x, coefficients) => [
    () => {
      const slopes = coefficients.slice(1).map((coefficient, i) => coefficient * (i + 1));
      return slopes.length === 0 ? timesConstant(g, 0) : times(g, evaluate(x, slopes));
    },
  ],
  plain: (x: FloatTensor, coefficients: readonly number[]) =>
    x.map((element) => coefficients.reduceRight((sum, coefficient) => sum * element + coefficient, 0)),
  // Each step is off by a unit and the rounding of a coefficient, and is multiplied by x as often as steps follow.
  bound: {
    text: "2·(1 + |x| + … + |x|^n) units in the last place for degree n",
    of: (ulp, x, coefficients) =>
      x.map((element) => 2 * ulp * coefficients.reduce((sum, _, i) => sum + Math.abs(element) ** i, 0)),
  },
  domain: [-16, 16],
  examples: [
    [[-1.5, 0.5, 0, 2], [0.25]],
    [
      [-1.5, 0.5, 0, 2],
      [1, -2],
    ],
    [
      [-1.5, 0.5, 0, 2],
      [1, 0, -0.5, 0.1],
    ],
  ],
});

function evaluate(x: SharedTensor, coefficients: readonly number[]): SharedTensor {
  const [constant, ...rest] = coefficients as [number, ...number[]];
  const last = rest.at(-1);
  if (last === undefined) return addConstant(timesConstant(x, 0), constant);
  let sum = timesConstant(x, last);
  for (const coefficient of rest.slice(0, -1).reverse()) sum = times(addConstant(sum, coefficient), x);
  return addConstant(sum, constant);
}
