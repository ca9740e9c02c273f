import { divideByWhole, times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planVariance, type SpreadOptions } from "../../tensor/reduction";
import type { Axes } from "../../tensor/shape";
import { units } from "../approximate/error";
import { INNER, toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { inverseRootOf, rootOf } from "../approximate/roots";
import { defineOp } from "../define";
import { withAxes } from "./spread-back";
import { errorOfVariance, varianceOf } from "./variance-of";

/**
 * Compute the standard deviation of all elements, or of those along some axes: the square root of the variance.
 *
 * Keep the square of every distance from the mean below 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @param options.correction - Default: 1; 0 divides by the number of elements
 * @returns at the session's precision, a scalar if all axes go; within two units in the last place for deviations from 1 on,
 *   and within the square root of the variance's error at any
 * @throws {RangeError} an axis does not exist or is named twice, or the correction leaves nothing to divide by
 *
 * @example
 * x.std(0)
 */
export const std = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument", correction: "argument" } },
  hint: "for two axes write std([0, 1])",
  check: (x, axes, options) => void planVariance(x.shape, axes, options),
  forward: (x, axes, options) => {
    const { result: variance, distances } = varianceOf(x, axes, options);
    const base = toBase(variance);
    const normalised = normalise(base, widthOf(x), false);
    const result = rootOf(normalised, base.fracBits, widthOf(x), x.iface.precision);
    return { result, saved: { distances, normalised, fracBits: base.fracBits } };
  },
  gradient: (g, { saved: { distances, normalised, fracBits } }, x, axes, options) => [
    () => {
      const plan = planVariance(x.shape, axes, options);
      const scaled = times(g, inverseRootOf(normalised, fracBits, INNER), INNER);
      return divideByWhole(times(withAxes(scaled, plan), distances), plan.divisor);
    },
  ],
  plain: (x: FloatTensor, axes?: Axes, options?: SpreadOptions) =>
    x.variance(axes, options).map((element) => Math.sqrt(element)),
  // |√(v + e) − √v| is at most e / (2√v), and at most √e.
  bound: {
    text: "the square root's error, and that of the variance over twice the deviation",
    of: (ulp, x, axes, options) => {
      const error = errorOfVariance(ulp, x.shape, axes, options);
      return x
        .variance(axes, options)
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
      { correction: 0 },
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
