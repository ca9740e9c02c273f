import type { FloatTensor } from "../../tensor/float-tensor";
import { transposeLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Swap two axes. Default: the last two.
 *
 * @returns at the same scale, exact
 * @throws {RangeError} an axis does not exist
 *
 * @example
 * batch.transpose().matmul(batch)
 * x.transpose(0, 1)
 */
export const transpose = defineOp({
  parameters: { x: "operand", a: "argument", b: "argument" },
  ...moves("transpose", (source, a?: number, b?: number) => transposeLayout(source, a, b)),
  plain: (x: FloatTensor, a?: number, b?: number) => x.transpose(a, b),
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
      0,
      -1,
    ],
  ],
});
