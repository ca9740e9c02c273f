import { divideByWhole } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planReduction, type ReduceOptions } from "../../tensor/reduction";
import { type Axes, bracketShape } from "../../tensor/shape";
import { defineOp } from "../define";
import { spreadBack } from "./spread-back";

/**
 * Average all elements, or those along some axes.
 *
 * Keep every sum below 2^(62 − precision) in magnitude, 2^46 at 16 fractional bits, and every mean below 2^(53 − precision),
 * 2^37; larger ones wrap around unnoticed.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @returns at the session's precision, within one unit in the last place and a hair; a scalar if all axes go
 * @throws {RangeError} an axis does not exist or is named twice, or there are no elements to average
 *
 * @example
 * x.mean()
 * x.mean(0, { keepdim: true })
 */
export const mean = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument" } },
  hint: "for two axes write mean([0, 1])",
  check: (x, axes, options) => {
    const { count, axes: all } = planReduction("mean", x.shape, axes, options);
    if (count === 0)
      throw new RangeError(
        `mean: there is nothing to average along axes ${bracketShape(all)} of shape ${bracketShape(x.shape)}`,
      );
  },
  forward: (x, axes, options) => {
    const plan = planReduction("mean", x.shape, axes, options);
    return divideByWhole(sumAxes(x, plan), plan.count);
  },
  gradient: (g, _made, x, axes) => {
    const plan = planReduction("mean", x.shape, axes);
    return [() => spreadBack(divideByWhole(g, plan.count), plan, x.shape)];
  },
  plain: (x: FloatTensor, axes?: Axes, options?: ReduceOptions) => x.mean(axes, options),
  bound: 1 + 2 ** -8,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [[[1, 2.5, 3]], 1],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      -2,
      { keepdim: true },
    ],
    [7],
  ],
});
