import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import type { ReduceOptions } from "../../tensor/reduction";
import { defineOp } from "../define";
import { asResult, eachRow, planRows, toRows } from "./rows";
import { positionsOf, tournament } from "./tournament";

/**
 * Return the position of the least element: along an axis, or in the order of all elements. Of equal ones, the first.
 *
 * Differences must be below 2^63 in units of the last place: they are if all elements are below 2^62.
 *
 * @param axis - negative ones count from the last. Default: all
 * @param options.keepdim - keep the axis, with size 1. Default: false
 * @returns secret integers, exact
 * @throws {RangeError} the axis does not exist, or there are no elements
 *
 * @example
 * logits.argmin(1)
 */
export const argmin = defineOp({
  parameters: { x: "operand", axis: "argument", options: { keepdim: "argument" } },
  check: (x, axis, options) => void planRows("argmin", x.shape, axis, options),
  forward(x, axis, options) {
    const plan = planRows("argmin", x.shape, axis, options);
    const found = tournament(negate(toRows(x, plan)));
    return asResult(positionsOf(found, plan.length), plan);
  },
  plain: (x: FloatTensor, axis?: number, options?: ReduceOptions) =>
    eachRow(x, planRows("argmin", x.shape, axis, options), (row) => row.indexOf(Math.min(...row))),
  bound: 0,
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
        [3, -1, 3],
      ],
      1,
    ],
    [
      [
        [1, 2.5],
        [4, 5],
        [0, -2],
      ],
      0,
      { keepdim: true },
    ],
    [7],
  ],
});
