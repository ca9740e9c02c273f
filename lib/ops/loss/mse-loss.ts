import { combine, negate } from "../../primitives/add";
import { square } from "../../primitives/square";
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
 * Compute the mean squared error of a prediction.
 *
 * Keep every difference below 2^(31 − precision), 2^15 at 16 fractional bits, and their squares' sum below
 * 2^(62 − precision), 2^46; larger ones wrap around unnoticed.
 *
 * @param target - secret or public, of the same shape
 * @param options.reduction - "mean", "sum", or "none" for each element. Default: "mean"
 * @returns at the session's precision, within one unit in the last place for each element of a sum, within two and a hair
 *   for a mean
 * @throws {RangeError} the shapes differ
 *
 * @example
 * model.forward(rows).mseLoss(targets).backward()
 */
export const mseLoss = defineOp({
  parameters: { x: "operand", target: "operand", options: { reduction: "argument" } },
  check: (x, target, options) => checkLoss("mseLoss", x.shape, target.shape, options),
  forward(x, target, options) {
    const difference = term.sub(x, target);
    return { result: reduceLoss(square(difference), options), saved: { difference } };
  },
  gradient: (g, { saved: { difference } }, _x, _target, options) => {
    const back = () =>
      throughReduction(combine("add", difference, difference), g, sizeOf(difference.shape), options);
    return [back, () => negate(back())];
  },
  plain: (x: FloatTensor, target: FloatTensor, options?: LossOptions) =>
    reducePlain(
      x.sub(target).map((each) => each * each),
      options,
    ),
  bound: {
    text: "one unit in the last place for each element; for a mean two and 2^-8",
    of: (ulp, x, _target, options) => lossBound(ulp, sizeOf(x.shape), ulp, options),
  },
  domain: [-256, 256],
  shapes: (m, k) => [
    [m, k],
    [m, k],
  ],
  examples: [
    [
      [
        [1.5, -2],
        [0, 0.25],
      ],
      [
        [1, 1],
        [0.5, 0],
      ],
    ],
    [[1.5, -2, 0], [1, 1, 0.5], { reduction: "sum" }],
    [[1.5, -2, 0], [1, 1, 0.5], { reduction: "none" }],
  ],
});
