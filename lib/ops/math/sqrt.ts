import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { inverseRootOf, rootOf } from "../approximate/roots";
import { timesConstant } from "../constant";
import { defineOp } from "../define";

/**
 * Compute the square root, element by element.
 *
 * For x below 2^(62 − 2·precision), 2^30 at 16 fractional bits. The result is 0 where x ≤ 0.
 *
 * @returns at the session's precision, within one unit in the last place and 2^-22 of the result
 *
 * @example
 * x.variance(0).sqrt()
 */
export const sqrt = defineOp({
  forward: (x) => {
    const base = toBase(x);
    const normalised = normalise(base, widthOf(x), false);
    const result = rootOf(normalised, base.fracBits, widthOf(x), x.iface.precision);
    return { result, saved: { normalised } };
  },
  gradient: (g, { saved: { normalised } }, x) => [
    () => times(timesConstant(g, 0.5), inverseRootOf(normalised, toBase(x).fracBits, x.iface.precision)),
  ],
  plain: (x: FloatTensor) => x.map((element) => Math.sqrt(Math.max(0, element))),
  bound: {
    // Weights are rounded to 19 bits or more.
    text: `${unitsText("one")}, and 2^-19, and 2^-22 of the result`,
    of: (ulp, x) => x.map((element) => units(1, ulp) + 2 ** -19 + 2 ** -22 * Math.sqrt(Math.max(0, element))),
  },
  domain: [0.25, 4096],
  examples: [[[0, 0.25, 2, 3, 4096, 1e8, -4]]],
  mathjs: { sqrt: true },
});
