import { numbersOf, type ShapeArgs } from "../../tensor/arguments";
import type { FloatTensor } from "../../tensor/float-tensor";
import { repeatLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Tile: repeat the whole tensor so often along each axis, as PyTorch does.
 *
 * `times`: a count for each axis, as numbers or as one list; more counts than axes add leading axes
 *
 * @returns at the same scale, exact
 * @throws {RangeError} there are fewer counts than axes, or one is not a whole number from 0
 *
 * @example
 * x.repeat(2, 1) // twice below one another
 */
export const repeat = defineOp({
  parameters: { x: "operand", times: "arguments" },
  ...moves("repeat", (source, ...times: ShapeArgs) => repeatLayout(source, numbersOf("repeat", times))),
  plain: (x: FloatTensor, ...times: ShapeArgs) => x.repeat(...times),
  examples: [
    [[[1.5, 2]], 2, 3],
    [
      [1.5, 2],
      [2, 1],
    ],
  ],
});
