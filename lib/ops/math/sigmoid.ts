import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant, timesConstant } from "../constant";
import { defineOp } from "../define";

/** The polynomial approximates the sigmoid on [−RANGE, RANGE]. */
const RANGE = 8;

/**
 * Odd coefficients, from u to u^9 for u = x / 8, of the minimax polynomial of degree 9 to sigmoid(8u) − 1/2 on
 * [−1, 1], found by linear programming on 4,001 Chebyshev nodes; the largest error is 0.0088.
 */
const COEFFICIENTS = [1.87315, -6.15713, 12.89557, -12.94086, 4.8377];

/**
 * Compute 1 / (1 + exp(−x)), element by element, by a polynomial of degree 9.
 *
 * Keep inputs from −8 to 8: the polynomial is far from the sigmoid outside that range.
 *
 * @returns at the session's precision, within 0.01 of the sigmoid for |x| ≤ 8 at 16 fractional bits
 *
 * @example
 * data.matmul(weights).sigmoid()
 */
export const sigmoid = defineOp({
  forward: approximate,
  gradient: (g, { result }) => [
    () => {
      const rest = addConstant(negate(result), 1);
      return times(times(result, rest), g);
    },
  ],
  plain: (x: FloatTensor) => x.map((element) => 1 / (1 + Math.exp(-element))),
  bound: { text: "0.01 for |x| ≤ 8 at 16 fractional bits", of: () => 0.01 },
  domain: [-RANGE, RANGE],
  examples: [[[-8, -2.5, -0.25, 0, 1, 4.75, 8]]],
});

/** The polynomial in u = x / 8, by Horner's rule. */
function approximate(x: SharedTensor): SharedTensor {
  const u = timesConstant(x, 1 / RANGE);
  const squared = square(u);
  // Rounded to the precision, each takes one truncation.
  const scale = 2 ** x.iface.precision;
  const [highest, ...rest] = COEFFICIENTS.map((each) => Math.round(each * scale) / scale).reverse();
  let sum = addConstant(timesConstant(squared, highest!), rest[0]!);
  for (const coefficient of rest.slice(1)) sum = addConstant(times(sum, squared), coefficient);
  return addConstant(times(sum, u), 0.5);
}
