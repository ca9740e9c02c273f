import { numbersOf, type ShapeArgs } from "../../tensor/arguments";
import type { FloatTensor } from "../../tensor/float-tensor";
import { reshapeLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Give all elements, row after row, another shape.
 *
 * `shape`: sizes along the new axes, as numbers or as one list; one may be -1, to be inferred
 *
 * @returns at the same scale, exact
 * @throws {RangeError} the shape has a different number of elements
 *
 * @example
 * x.reshape(2, 3)
 * images.reshape([-1, 784])
 */
export const reshape = defineOp({
  parameters: { x: "operand", shape: "arguments" },
  ...moves("reshape", (source, ...shape: ShapeArgs) => reshapeLayout(source, numbersOf("reshape", shape))),
  plain: (x: FloatTensor, ...shape: ShapeArgs) => x.reshape(...shape),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      -1,
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [1, -1],
    ],
  ],
});
