import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Multiply by a matrix on the left.
 *
 * @deprecated Write `ops.matmul(left, x)`.
 * @param left - a secret or a public matrix
 * @returns the matrix product of `left` and this matrix; see `matmul`
 * @throws {RangeError} an operand is not a matrix, or the inner sizes differ
 */
export const matmulLeft = defineOp({
  parameters: { x: "factor", left: "factor" },
  forward: (x, left) => term.matmul(left, x),
  gradient: (g, _made, x, left) => [
    () => term.matmul(term.transpose(left), g),
    () => term.matmul(g, term.transpose(x)),
  ],
  plain: (x: FloatTensor, left: FloatTensor) => left.matmul(x),
  bound: 1,
  shapes: (m, k, n) => [
    [k, n],
    [m, k],
  ],
  examples: [[[[2], [2]], [[3, 3]]]],
});
