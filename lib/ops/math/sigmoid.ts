import { combine, negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { POLYNOMIALS } from "../approximate/coefficients";
import { units, unitsText } from "../approximate/error";
import { evaluate, toUnit } from "../approximate/evaluate";
import { fold } from "../approximate/fold";
import { toBase } from "../approximate/inner";
import { addConstant } from "../constant";
import { defineOp } from "../define";

const TAIL = POLYNOMIALS.sigmoidTail;

/**
 * Compute 1 / (1 + exp(−x)), element by element, for every x: one polynomial in |x| up to 12.5, and the sign.
 *
 * @returns at the session's precision, within two units in the last place at 16 fractional bits
 *
 * @example
 * data.matmul(weights).sigmoid()
 */
export const sigmoid = defineOp({
  forward: (x) => {
    const { magnitude, isNegative } = fold(toBase(x), TAIL.interval[1]);
    const { precision } = x.iface;
    // The tail where x < 0, and 1 less the tail elsewhere.
    const tail = evaluate(toUnit(magnitude, TAIL), TAIL, precision);
    const rest = addConstant(negate(tail), 1);
    return combine("add", rest, times(isNegative, combine("sub", tail, rest), precision));
  },
  gradient: (g, { result }) => [() => times(times(result, addConstant(negate(result), 1)), g)],
  plain: (x: FloatTensor) => x.map((element) => 1 / (1 + Math.exp(-element))),
  // The polynomial is off by 2^-17.6 at most, and what lies beyond 12.5 by 2^-18 more.
  bound: { text: `${unitsText("one")}, and 2^-16.8`, of: (ulp) => units(1, ulp) + 2 ** -16.8 },
  examples: [[[-4096, -8, -2.5, -0.25, 0, 1, 4.75, 8, 13]]],
});
