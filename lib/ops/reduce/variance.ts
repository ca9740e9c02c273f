import type { FloatTensor } from "../../tensor/float-tensor";
import { planVariance, type SpreadOptions } from "../../tensor/reduction";
import type { Axes } from "../../tensor/shape";
import { defineOp } from "../define";
import { errorOfVariance, gradientOfVariance, varianceOf } from "./variance-of";

/**
 * Compute the variance of all elements, or of those along some axes: the sum of squared distances from the mean, over the
 * number of elements less a correction.
 *
 * Keep the square of every distance from the mean below 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @param options.correction - Default: 1; 0 divides by the number of elements
 * @returns at the session's precision; a scalar if all axes go
 * @throws {RangeError} an axis does not exist or is named twice, or the correction leaves nothing to divide by
 *
 * @example
 * x.variance()
 * x.variance(0, { correction: 0 })
 */
export const variance = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument", correction: "argument" } },
  hint: "for two axes write variance([0, 1])",
  check: (x, axes, options) => void planVariance(x.shape, axes, options),
  forward: (x, axes, options) => {
    const { result, distances } = varianceOf(x, axes, options);
    return { result, saved: { distances } };
  },
  gradient: (g, { saved: { distances } }, _x, axes, options) => [
    () => gradientOfVariance(g, distances, axes, options),
  ],
  plain: (x: FloatTensor, axes?: Axes, options?: SpreadOptions) => x.variance(axes, options),
  bound: {
    text: "n/(n − correction) + 1 units in the last place, for n elements",
    of: (ulp, x, axes, options) => errorOfVariance(ulp, x.shape, axes, options),
  },
  domain: [-256, 256],
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
