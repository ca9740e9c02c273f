import { keepWhere } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { triangleMask } from "../../tensor/views";
import { defineOp } from "../define";

/**
 * Keep the elements on and above a diagonal of each matrix; all others become 0.
 *
 * @param offset - how far above the main diagonal, or below it if negative. Default: 0
 * @returns at the same scale, exact
 * @throws {RangeError} there are fewer than two axes
 *
 * @example
 * x.triu()
 */
export const triu = defineOp({
  parameters: { x: "operand", offset: "argument" },
  forward: (x, offset = 0) => keepWhere("triu", x, triangleMask("triu", x.shape, offset), `${offset}`),
  gradient: (g, _made, x, offset = 0) => [
    () => keepWhere("triu", g, triangleMask("triu", x.shape, offset), `${offset}`),
  ],
  plain: (x: FloatTensor, offset?: number) => x.triu(offset),
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
