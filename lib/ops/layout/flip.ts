import type { FloatTensor } from "../../tensor/float-tensor";
import type { Axes } from "../../tensor/shape";
import { flipLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Reverse the order along axes.
 *
 * @param axes - one axis or a list of them. Default: all
 * @returns at the same scale, exact
 * @throws {RangeError} an axis does not exist, or is named twice
 *
 * @example
 * x.flip(1)
 */
export const flip = defineOp({
  parameters: { x: "operand", axes: "argument" },
  hint: "for two axes write flip([0, 1])",
  ...moves("flip", (source, axes?: Axes) => flipLayout(source, axes)),
  plain: (x: FloatTensor, axes?: Axes) => x.flip(axes),
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
        [4, 5, -6],
      ],
      [-1],
    ],
  ],
});
