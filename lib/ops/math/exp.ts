import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { powerOfTwo } from "../approximate/exponential";
import { toBase } from "../approximate/inner";
import { defineOp } from "../define";

/**
 * Compute e^x, element by element: a power of two by bits, and a polynomial for the rest.
 *
 * Results of up to 2^30 at 16 fractional bits; larger ones are clamped to that. At more fractional bits the limit is
 * 2^(62 − 2·precision).
 *
 * @returns at the session's precision, within two units in the last place and 2^-20 of the result
 *
 * @example
 * x.neg().exp()
 */
export const exp = defineOp({
  forward: (x) => powerOfTwo(toBase(x), Math.LOG2E),
  gradient: (g, { result }) => [() => times(g, result)],
  plain: (x: FloatTensor) => x.map((element) => Math.min(Math.exp(element), 2 ** 30)),
  bound: {
    text: `${unitsText("two")}, and 2^-20 of the result`,
    of: (ulp, x) => x.map((element) => units(2, ulp) + 2 ** -20 * Math.min(Math.exp(element), 2 ** 30)),
  },
  domain: [-20, 10],
  examples: [[[-30, -2.5, -0.25, 0, 1, 4.75]]],
  mathjs: { exp: true },
});
