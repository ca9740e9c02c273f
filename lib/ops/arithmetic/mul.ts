import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Multiply by another secret or a public value, element by element. For the matrix product see `matmul`. A value times
 * itself, `x.mul(x)`, is `x.square()`.
 *
 * Keep products below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits, and so a secret that a public factor
 * with decimals multiplies; larger ones wrap around unnoticed. A public factor keeps all its bits where it has few, else
 * at least 29 significant ones.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns at the session's precision, within one unit in the last place, and 2^-29 of the product for a public factor with
 *   many decimals; exact for whole numbers
 * @throws {RangeError} the shapes cannot be broadcast, or a public factor is too large or too small for the precision
 *
 * @example
 * x.mul(y)
 * x.mul(0.5)
 */
export const mul = defineOp({
  parameters: { x: "factor", other: "factor" },
  forward: (x, other) => ({ result: term.mul(x, other), saved: { isSquare: x === other } }),
  gradient: (g, { saved: { isSquare } }, x, other) =>
    isSquare
      ? [() => term.mul(term.add(g, g), x), undefined]
      : [() => term.mul(g, other), () => term.mul(g, x)],
  plain: (x: FloatTensor, other: FloatTensor) => x.mul(other),
  bound: 1,
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[0.25, 3]],
    ],
    [[0.5, -2], 3],
    [0.375, [0.5, -2]],
  ],
  mathjs: { dotMultiply: true },
});
