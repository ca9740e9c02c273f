import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Multiply by another secret or a public value, element by element. For the matrix product see `matmul`. A value times
 * itself, `x.mul(x)`, is `x.square()`.
 *
 * Keep products below 2^30 in magnitude at 16 fractional bits; larger ones wrap around unnoticed. A public factor that
 * is not a whole number is itself rounded to the session's precision first, so small ones are coarse: at 16 bits, 0.001
 * becomes 0.001007.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns at the session's precision, within one unit in the last place; exact for whole numbers
 * @throws {RangeError} the shapes cannot be broadcast, or a public factor is too small for the precision
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
