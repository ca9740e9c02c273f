import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { reciprocalOf } from "../approximate/reciprocal-of";
import { defineOp } from "../define";

/**
 * Compute 1 / x, element by element, for numbers of either sign.
 *
 * For |x| below 2^(62 − 2·precision), 2^30 at 16 fractional bits. The result is 0 where x is 0.
 *
 * @returns at the session's precision, within one unit in the last place, two at more than 16 fractional bits, and 2^-22 of
 *   the result
 *
 * @example
 * x.reciprocal()
 */
export const reciprocal = defineOp({
  forward: (x) => {
    const base = toBase(x);
    return reciprocalOf(normalise(base, widthOf(x), true), base.fracBits, x.iface.precision);
  },
  gradient: (g, { result }) => [() => negate(times(g, square(result)))],
  plain: (x: FloatTensor) => x.map((element) => (element === 0 ? 0 : 1 / element)),
  bound: {
    text: `${unitsText("one")}, and 2^-22 of the result; two units at more than 16 fractional bits`,
    of: (ulp, x) =>
      x.map(
        (element) => units(ulp < 2 ** -16 ? 2 : 1, ulp) + (element === 0 ? 0 : 2 ** -22 / Math.abs(element)),
      ),
  },
  domain: [0.25, 64],
  examples: [[[-1.5, 0.25, 3, 4096]]],
});
