import { times } from "../../primitives/multiply";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { inverseRootOf } from "../approximate/roots";
import { timesConstant } from "../constant";
import { defineOp } from "../define";

/**
 * Compute 1 / the square root of x, element by element.
 *
 * For x below 2^(62 − 2·precision), 2^30 at 16 fractional bits. The result is 0 where x ≤ 0.
 *
 * @returns at the session's precision, within one unit in the last place and 2^-22 of the result
 *
 * @example
 * x.variance(0).add(0.001).rsqrt()
 */
export const rsqrt = defineOp({
  forward: (x) => {
    const base = toBase(x);
    return inverseRootOf(normalise(base, widthOf(x), false), base.fracBits, x.iface.precision);
  },
  gradient: (g, { result }) => [() => times(timesConstant(g, -0.5), times(result, square(result)))],
  plain: (x: FloatTensor) => x.map((element) => (element > 0 ? 1 / Math.sqrt(element) : 0)),
  bound: {
    text: `${unitsText("one")}, and 2^-22 of the result`,
    of: (ulp, x) => x.map((element) => units(1, ulp) + (element > 0 ? 2 ** -22 / Math.sqrt(element) : 0)),
  },
  domain: [0.25, 64],
  examples: [[[0, 0.25, 2, 3, 4096, 1e8, -4]]],
});
