import { rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { indexSelectLayout } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import type { Axes } from "../../tensor/shape";
import { asColumn, asResult, eachRow, fromRows, planRows, toRows } from "../compare/rows";
import { defineOp } from "../define";
import { sortRows, unsortRows } from "./sorting";

/**
 * Return the median of all elements, or of those along some axes: of an even number of elements the lower of both in the
 * middle, as in PyTorch.
 *
 * Differences must be below 2^63 in units of the last place: they are if all elements are below 2^62. The gradient goes to
 * the element that was chosen.
 *
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @returns at the same scale, exact; a scalar if all axes go
 * @throws {RangeError} an axis does not exist or is named twice, or there are no elements
 *
 * @example
 * incomes.median()
 */
export const median = defineOp({
  parameters: { x: "operand", axes: "argument" },
  hint: "for two axes write median([0, 1])",
  check: (x, axes) => void planRows("median", x.shape, axes),
  forward(x, axes) {
    const plan = planRows("median", x.shape, axes);
    const middle = middleOf(plan.length);
    const { rows, levels } = sortRows(toRows(x, plan), [middle]);
    const column = rearrange("median", rows, indexSelectLayout(rows.shape, 1, [middle]));
    return { result: asResult(column, plan), saved: { levels } };
  },
  gradient: (g, { saved: { levels } }, x, axes) => [
    () => {
      const plan = planRows("median", x.shape, axes);
      const place = indexSelectLayout([plan.count, plan.length], 1, [middleOf(plan.length)]);
      const sorted = rearrange("median", asColumn(g, plan), transposeOf(place));
      return fromRows(unsortRows(sorted, levels), plan);
    },
  ],
  plain: (x: FloatTensor, axes?: Axes) =>
    eachRow(x, planRows("median", x.shape, axes), (row) => row.slice().sort()[middleOf(row.length)]!),
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
    [7],
  ],
});

/** The place of the lower middle. */
function middleOf(length: number): number {
  return (length - 1) >> 1;
}
