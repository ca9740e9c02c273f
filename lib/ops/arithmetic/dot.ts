import type { FloatTensor } from "../../tensor/float-tensor";
import { bracketShape, type Shape } from "../../tensor/shape";
import { defineOp } from "../define";
import { gradientsOf, multiplyMatrices } from "./batches";

/**
 * Multiply vectors, the sum of the products of their elements; or a matrix and a vector, or matrices, as `matmul` does.
 *
 * Keep the result below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param other - a secret or a public vector or matrix
 * @returns at the session's precision, within one unit in the last place; exact for whole numbers
 * @throws {RangeError} an operand is not a vector or a matrix, or the inner sizes differ
 *
 * @example
 * x.dot(y)
 */
export const dot = defineOp({
  parameters: { x: "factor", other: "factor" },
  check: (x, other) => {
    for (const { shape } of [x, other]) requireFlat(shape);
  },
  forward: multiplyMatrices,
  gradient: (g, _made, x, other) => gradientsOf(g, x, other),
  plain: (x: FloatTensor, other: FloatTensor) => x.matmul(other),
  bound: 1,
  shapes: (m, k) => [[m, k], [k]],
  examples: [
    [
      [1.5, -2, 3],
      [0.25, 4, 1],
    ],
    [
      [
        [1, 2.5],
        [3, -4],
      ],
      [2, 0.5],
    ],
  ],
  mathjs: { dot: true },
});

function requireFlat(shape: Shape): void {
  if (shape.length === 1 || shape.length === 2) return;
  throw new RangeError(
    `dot takes vectors and matrices, got shape ${bracketShape(shape)}; for batches use matmul`,
  );
}
