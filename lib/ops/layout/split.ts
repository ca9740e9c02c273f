import { join, rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { joiningOf, splitLayouts } from "../../tensor/parts";
import { defineOp } from "../define";

/**
 * Cut an axis into pieces.
 *
 * @param sizes - one size for all pieces, of which the last may be smaller; or the size of each piece
 * @param axis - Default: the first
 * @returns a list of pieces, each at the same scale, exact
 * @throws {RangeError} the axis does not exist, or the sizes do not add up to that of the axis
 *
 * @example
 * const [train, test] = rows.split([800, 200]);
 */
export const split = defineOp({
  parameters: { x: "operand", sizes: "argument", axis: "argument" },
  forward: (x, sizes, axis = 0) =>
    splitLayouts(x.shape, sizes, axis).map((part) => rearrange("split", x, part)),
  gradient: (g, _made, x, sizes, axis = 0) => [
    () => join("split", [...g], joiningOf("split", x.shape, axis, splitLayouts(x.shape, sizes, axis))),
  ],
  plain: (x: FloatTensor, sizes: number | readonly number[], axis?: number) => x.split(sizes, axis),
  bound: 0,
  shapes: () => [[2, 3]],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      2,
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [0, 2],
    ],
  ],
});
