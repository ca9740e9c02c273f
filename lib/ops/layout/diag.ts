import type { FloatTensor } from "../../tensor/float-tensor";
import { diagLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Take the diagonal of a matrix as a vector; or, of a vector, make a matrix of zeros with it as its diagonal.
 *
 * @param offset - how far above the main diagonal, or below it if negative. Default: 0
 * @returns at the same scale, exact
 * @throws {RangeError} this is neither a vector nor a matrix
 *
 * @example
 * covariance.diag() // the variances
 */
export const diag = defineOp({
  parameters: { x: "operand", offset: "argument" },
  ...moves("diag", (source, offset: number = 0) => diagLayout(source, offset)),
  plain: (x: FloatTensor, offset?: number) => x.diag(offset),
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
      -1,
    ],
  ],
});
