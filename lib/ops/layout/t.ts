import { transpose } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Transpose a matrix, or each of a batch: swap the last two axes.
 *
 * @returns n×m for m×n, at the same scale, exact
 * @throws {RangeError} there are fewer than two axes
 *
 * @example
 * x.t().matmul(y)
 */
export const t = defineOp({
  forward: transpose,
  gradient: (g) => [() => transpose(g)],
  plain: (x: FloatTensor) => x.t(),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
  ],
  mathjs: { transpose: true, ctranspose: true },
});
