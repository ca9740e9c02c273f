import type { Operand } from "../../autograd/operand";
import { SharedVariable } from "../../autograd/shared-variable";
import { readExact } from "../../tensor/exact";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import { gradientsOf, multiplyMatrices } from "./batches";
import { mul } from "./mul";

/**
 * Multiply matrices, vectors, or batches of matrices, as NumPy does. With the public matrix on the left, write
 * `ops.matmul(w, x)`.
 *
 * Keep every element of the result below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits, and, where the
 * public matrix has decimals, the sum of the magnitudes in each row or column of the secret one; larger ones wrap around
 * unnoticed. A public matrix keeps all its bits where it has few, else at least 29 significant ones.
 *
 * @param other - a secret or a public matrix, k×n; or a vector of k elements; or a batch of matrices, whose axes before
 *   the last two broadcast
 * @returns m×n for m×k and k×n, at the session's precision, within one unit in the last place; exact for whole numbers
 * @throws {RangeError} an operand is a scalar, the inner sizes differ, or the batches cannot be broadcast
 *
 * @example
 * data.matmul(weights)
 * ops.matmul([[1, 2]], data)
 */
export const matmul = defineOp({
  parameters: { x: "factor", other: "factor" },
  forward: multiplyMatrices,
  gradient: (g, _made, x, other) => gradientsOf(g, x, other),
  plain: (x: FloatTensor, other: FloatTensor) => x.matmul(other),
  bound: 1,
  shapes: (m, k, n) => [
    [m, k],
    [k, n],
  ],
  examples: [
    [[[3, 3]], [[2], [2]]],
    [
      [
        [0.5, -1.25, 2],
        [0, 4096, 1],
      ],
      [
        [1, 0.5],
        [-3, 0.25],
        [0.125, 7],
      ],
    ],
  ],
  mathjs: { multiply },
});

/** mathjs's rule: a single number scales, matrices multiply as matrices. */
function multiply(x: Operand, y: Operand): SharedVariable {
  const times: (x: Operand, y: Operand) => unknown = isNumber(x) || isNumber(y) ? mul : matmul;
  return times(x, y) as SharedVariable;
}

function isNumber(x: Operand): boolean {
  return x instanceof SharedVariable ? x.shape.length === 0 : readExact(x) !== undefined;
}
