import { join, rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { chunkLayouts, joiningOf } from "../../tensor/parts";
import { defineOp } from "../define";

/**
 * Cut an axis into so many pieces of one size; the last may be smaller, and there may be fewer.
 *
 * @param axis - Default: the first
 * @returns a list of pieces, each at the same scale, exact
 * @throws {RangeError} the axis does not exist, or the number of pieces is not a whole number from 1
 *
 * @example
 * const [first, second] = x.chunk(2);
 */
export const chunk = defineOp({
  parameters: { x: "operand", count: "argument", axis: "argument" },
  forward: (x, count, axis = 0) =>
    chunkLayouts(x.shape, count, axis).map((part) => rearrange("chunk", x, part)),
  gradient: (g, _made, x, count, axis = 0) => [
    () => join("chunk", [...g], joiningOf("chunk", x.shape, axis, chunkLayouts(x.shape, count, axis))),
  ],
  plain: (x: FloatTensor, count: number, axis?: number) => x.chunk(count, axis),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      2,
      -1,
    ],
    [[1.5, 2, 3], 5],
  ],
});
