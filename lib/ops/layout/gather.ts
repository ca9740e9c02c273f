import type { FloatTensor } from "../../tensor/float-tensor";
import { gatherLayout, type IndexInput } from "../../tensor/indexed";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Take, for each element of a public index, the element at that position along the axis and at the index's own place along
 * all others, as PyTorch does.
 *
 * @param index - positions, in as many axes as this has, and at most as long along the other axes
 * @returns in the shape of the index, at the same scale, exact
 * @throws {RangeError} the axis does not exist, a position is out of range, or the index has another number of axes
 * @throws {TypeError} the index is secret, or does not hold numbers
 *
 * @example
 * scores.gather(1, [[2], [0]]) // the third score of the first row, the first of the second
 */
export const gather = defineOp({
  parameters: { x: "operand", axis: "argument", index: "argument" },
  ...moves("gather", (source, axis: number, index: IndexInput) => gatherLayout(source, axis, index)),
  plain: (x: FloatTensor, axis: number, index: IndexInput) => x.gather(axis, index),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
      [[2], [-3]],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
      [[1, 0, 1]],
    ],
  ],
});
