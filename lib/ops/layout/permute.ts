import { numbersOf, type ShapeArgs } from "../../tensor/arguments";
import type { FloatTensor } from "../../tensor/float-tensor";
import { permuteLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Reorder the axes: axis i of the result is axis `order[i]` of this one.
 *
 * `order`: every axis once, as numbers or as one list
 *
 * @returns at the same scale, exact
 * @throws {RangeError} an axis does not exist, is missing, or is named twice
 *
 * @example
 * images.permute(0, 2, 3, 1) // channels last
 */
export const permute = defineOp({
  parameters: { x: "operand", order: "arguments" },
  ...moves("permute", (source, ...order: ShapeArgs) => permuteLayout(source, numbersOf("permute", order))),
  plain: (x: FloatTensor, ...order: ShapeArgs) => x.permute(...order),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
      0,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [0, -1],
    ],
  ],
});
