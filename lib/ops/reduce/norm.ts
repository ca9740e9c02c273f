import { times } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planReduction, type ReduceOptions } from "../../tensor/reduction";
import type { Axes } from "../../tensor/shape";
import { units } from "../approximate/error";
import { INNER, toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { inverseRootOf, rootOf } from "../approximate/roots";
import { defineOp } from "../define";
import { spreadBack } from "./spread-back";

/**
 * Compute the 2-norm of all elements, or of those along some axes: the square root of the sum of their squares.
 *
 * Keep the sum of squares below 2^(62 − 2·precision), 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @returns at the session's precision, a scalar if all axes go; the sum of n squares is off by n units in the last place, and
 *   the norm by that over twice the norm, and one unit
 * @throws {RangeError} an axis does not exist or is named twice
 *
 * @example
 * x.sub(y).norm(1)
 */
export const norm = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument" } },
  hint: "for two axes write norm([0, 1])",
  check: (x, axes, options) => void planReduction("norm", x.shape, axes, options),
  forward: (x, axes, options) => {
    const sum = toBase(sumAxes(square(x), planReduction("norm", x.shape, axes, options)));
    const normalised = normalise(sum, widthOf(x), false);
    const result = rootOf(normalised, sum.fracBits, widthOf(x), x.iface.precision);
    return { result, saved: { normalised, fracBits: sum.fracBits } };
  },
  gradient: (g, { saved: { normalised, fracBits } }, x, axes) => [
    () => {
      const scaled = times(g, inverseRootOf(normalised, fracBits, INNER), INNER);
      return times(spreadBack(scaled, planReduction("norm", x.shape, axes), x.shape), x);
    },
  ],
  plain: (x: FloatTensor, axes?: Axes, options?: ReduceOptions) =>
    x
      .mul(x)
      .sum(axes, options)
      .map((element) => Math.sqrt(element)),
  bound: {
    text: "one unit in the last place, and the error of the sum of squares over twice the norm",
    of: (ulp, x, axes, options) => {
      const { count } = planReduction("norm", x.shape, axes, options);
      const error = count * ulp;
      return x
        .mul(x)
        .sum(axes, options)
        .map(
          (element) =>
            units(1, ulp) +
            2 ** -19 +
            2 ** -22 * Math.sqrt(element) +
            Math.min(Math.sqrt(error), error / Math.sqrt(element)),
        );
    },
  },
  domain: [0.25, 256],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [0],
      { keepdim: true },
    ],
  ],
});
