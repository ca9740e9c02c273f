import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import type { ReduceOptions } from "../../tensor/reduction";
import type { Axes } from "../../tensor/shape";
import { defineOp } from "../define";
import { asColumn, asResult, eachRow, fromRows, planRows, toRows } from "./rows";
import { gradientOfWinners, tournament } from "./tournament";

/**
 * Return the least of all elements, or of those along some axes.
 *
 * Differences must be below 2^63 in units of the last place: they are if all elements are below 2^62. The gradient goes to
 * the element that was chosen, the first of equals.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @returns at the same scale, exact; a scalar if all axes go
 * @throws {RangeError} an axis does not exist or is named twice, or there are no elements
 *
 * @example
 * x.min()
 * x.min(-1, { keepdim: true })
 */
export const min = defineOp({
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument" } },
  hint: "for two axes write min([0, 1])",
  check: (x, axes, options) => void planRows("min", x.shape, axes, options),
  forward(x, axes, options) {
    const plan = planRows("min", x.shape, axes, options);
    const found = tournament(negate(toRows(x, plan)));
    return {
      result: asResult(negate(found.winners), plan),
      saved: { chosen: found.levels.map(({ chosen }) => chosen) },
    };
  },
  gradient: (g, { saved: { chosen } }, x, axes, options) => [
    () => {
      const plan = planRows("min", x.shape, axes, options);
      return fromRows(gradientOfWinners(asColumn(g, plan), chosen, plan.length), plan);
    },
  ],
  plain: (x: FloatTensor, axes?: Axes, options?: ReduceOptions) =>
    eachRow(x, planRows("min", x.shape, axes, options), (row) => row.reduce((a, b) => Math.min(a, b))),
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
      [0],
      { keepdim: true },
    ],
    [7],
  ],
});
