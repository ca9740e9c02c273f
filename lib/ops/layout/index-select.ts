import type { FloatTensor } from "../../tensor/float-tensor";
import { type IndexInput, indexSelectLayout } from "../../tensor/indexed";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Take positions along an axis, in any order and as often as they are listed.
 *
 * @param index - a public list of positions; negative ones count from the end
 * @returns at the same scale, exact
 * @throws {RangeError} the axis does not exist, or a position is out of range
 * @throws {TypeError} the index is secret, or does not hold numbers
 *
 * @example
 * table.indexSelect(1, [0, 3]) // the first and the fourth column
 */
export const indexSelect = defineOp({
  parameters: { x: "operand", axis: "argument", index: "argument" },
  ...moves("indexSelect", indexSelectLayout),
  plain: (x: FloatTensor, axis: number, index: IndexInput) => x.indexSelect(axis, index),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
      [2, 0, -1, 2],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
      [],
    ],
  ],
});
