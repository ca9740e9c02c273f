import { combine, negate } from "../../primitives/add";
import { isPositive, selectNegative } from "../../primitives/compare";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sizeOf } from "../../tensor/shape";
import { defineOp } from "../define";
import * as term from "../term";
import {
  checkLoss,
  type LossOptions,
  lossBound,
  reduceLoss,
  reducePlain,
  throughReduction,
} from "./averaging";

/**
 * Compute the mean absolute error of a prediction. The gradient is 0 where prediction and target are equal.
 *
 * @param target - secret or public, of the same shape
 * @param options.reduction - "mean", "sum", or "none" for each element. Default: "mean"
 * @returns at the session's precision for a mean, within one unit in the last place and a hair; exact otherwise, at the
 *   scale of the operands
 * @throws {RangeError} the shapes differ
 *
 * @example
 * model.forward(rows).l1Loss(targets).backward()
 */
export const l1Loss = defineOp({
  parameters: { x: "operand", target: "operand", options: { reduction: "argument" } },
  check: (x, target, options) => checkLoss("l1Loss", x.shape, target.shape, options),
  forward(x, target, options) {
    const difference = term.sub(x, target);
    const { chosen: negative, product } = selectNegative(difference, difference);
    const losses = combine("sub", difference, combine("add", product, product));
    return { result: reduceLoss(losses, options), saved: { difference, negative } };
  },
  gradient: (g, { saved: { difference, negative } }, _x, _target, options) => {
    const back = () => {
      const sign = combine("sub", isPositive(difference), negative);
      return throughReduction(sign, g, sizeOf(difference.shape), options);
    };
    return [back, () => negate(back())];
  },
  plain: (x: FloatTensor, target: FloatTensor, options?: LossOptions) =>
    reducePlain(x.sub(target).abs(), options),
  bound: {
    text: "exact; for a mean one unit in the last place and 2^-8",
    of: (ulp, x, _target, options) => lossBound(ulp, sizeOf(x.shape), 0, options),
  },
  shapes: (m, k) => [
    [m, k],
    [m, k],
  ],
  examples: [
    [[1.5, -2, 0], [1, 1, 0.5], { reduction: "sum" }],
    [
      [
        [1.5, -2],
        [0, 0.25],
      ],
      [
        [1, 1],
        [0, 0],
      ],
    ],
  ],
});
