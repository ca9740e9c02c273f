import { sumAxes } from "../../primitives/reduce";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planReduction, type ReduceOptions } from "../../tensor/reduction";
import type { Axes } from "../../tensor/shape";
import { defineOp } from "../define";
import { spreadBack } from "./spread-back";

/**
 * Add up all elements, or those along some axes.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @returns at the same scale, exact; a scalar if all axes go
 * @throws {RangeError} an axis does not exist or is named twice
 *
 * @example
 * x.sum()
 * x.sum(0)
 * x.sum([0, -1], { keepdim: true })
 */
export const sum = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument" } },
  hint: "for two axes write sum([0, 1])",
  check: (x, axes, options) => void planReduction("sum", x.shape, axes, options),
  forward: (x, axes, options) => sumAxes(x, planReduction("sum", x.shape, axes, options)),
  gradient: (g, _made, x, axes) => [() => spreadBack(g, planReduction("sum", x.shape, axes), x.shape)],
  plain: (x: FloatTensor, axes?: Axes, options?: ReduceOptions) => x.sum(axes, options),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [[[1, 2.5, 3]], 0],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [1, 0],
      { keepdim: true },
    ],
    [7],
  ],
});
