import { keepWhere } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { triangleMask } from "../../tensor/views";
import { defineOp } from "../define";

/**
 * Keep the elements on and below a diagonal of each matrix; all others become 0.
 *
 * @param offset - how far above the main diagonal, or below it if negative. Default: 0
 * @returns at the same scale, exact
 * @throws {RangeError} there are fewer than two axes
 *
 * @example
 * x.tril()
 */
export const tril = defineOp({
  parameters: { x: "operand", offset: "argument" },
  forward: (x, offset = 0) => keepWhere("tril", x, triangleMask("tril", x.shape, offset), `${offset}`),
  gradient: (g, _made, x, offset = 0) => [
    () => keepWhere("tril", g, triangleMask("tril", x.shape, offset), `${offset}`),
  ],
  plain: (x: FloatTensor, offset?: number) => x.tril(offset),
  bound: 0,
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
