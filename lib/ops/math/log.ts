import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { toBase, widthOf } from "../approximate/inner";
import { logarithm } from "../approximate/logarithm";
import { normalise } from "../approximate/normalise";
import { reciprocalOf } from "../approximate/reciprocal-of";
import { defineOp } from "../define";

/**
 * Compute the natural logarithm, element by element.
 *
 * For x above 0 and below 2^(62 − 2·precision), 2^30 at 16 fractional bits. Where x ≤ 0 the result is the logarithm of half
 * a unit in the last place, about −11.8 at 16 fractional bits.
 *
 * @returns at the session's precision, within two units in the last place
 *
 * @example
 * income.log()
 */
export const log = defineOp({
  forward: (x) => {
    const base = toBase(x);
    const normalised = normalise(base, widthOf(x), false);
    return {
      result: toScale(logarithm(normalised, base.fracBits), x.iface.precision),
      saved: { normalised },
    };
  },
  gradient: (g, { saved: { normalised } }, x) => [
    () => times(g, reciprocalOf(normalised, toBase(x).fracBits, x.iface.precision)),
  ],
  plain: (x: FloatTensor) => x.map((element) => Math.log(element > 0 ? element : 2 ** -17)),
  bound: { text: unitsText("two"), of: (ulp) => units(2, ulp) },
  domain: [0.125, 4096],
  examples: [[[0.25, 0.5, 1, 1.5, 4096, 1e6]]],
  mathjs: { log: true },
});
