import type { FloatTensor } from "../../tensor/float-tensor";
import { flattenLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Join axes into one, row after row. Default: all of them.
 *
 * @param startAxis - the first axis to join. Default: 0
 * @param endAxis - the last. Default: -1
 * @returns at the same scale, exact
 * @throws {RangeError} an axis does not exist, or the first lies behind the last
 *
 * @example
 * images.flatten(1) // one row for each image
 */
export const flatten = defineOp({
  parameters: { x: "operand", startAxis: "argument", endAxis: "argument" },
  ...moves("flatten", (source, startAxis: number = 0, endAxis: number = -1) =>
    flattenLayout(source, startAxis, endAxis),
  ),
  plain: (x: FloatTensor, startAxis?: number, endAxis?: number) => x.flatten(startAxis, endAxis),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [
      [
        [[1.5], [2]],
        [[3], [4]],
      ],
      1,
    ],
  ],
});
