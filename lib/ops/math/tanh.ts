import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { POLYNOMIALS } from "../approximate/coefficients";
import { units, unitsText } from "../approximate/error";
import { oddFromTail } from "../approximate/odd";
import { addConstant } from "../constant";
import { defineOp } from "../define";

const TAIL = POLYNOMIALS.tanhTail;

/**
 * Compute the hyperbolic tangent, element by element, for every x: one polynomial in |x| up to 6.5, and the sign.
 *
 * @returns at the session's precision, within two units in the last place at 16 fractional bits
 *
 * @example
 * data.matmul(weights).tanh()
 */
export const tanh = defineOp({
  forward: (x) => oddFromTail(x, TAIL),
  gradient: (g, { result }) => [() => times(addConstant(negate(square(result)), 1), g)],
  plain: (x: FloatTensor) => x.map((element) => Math.tanh(element)),
  // The polynomial is off by 2^-20 at most, its evaluation by 2^-19, and what lies beyond 6.5 by 2^-17.7.
  bound: { text: `${unitsText("one")}, and 2^-17`, of: (ulp) => units(1, ulp) + 2 ** -17 },
  examples: [[[-4096, -8, -2.5, -0.25, 0, 1, 4.75, 8, 13]]],
  mathjs: { tanh: true },
});
