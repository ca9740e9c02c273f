import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Subtract another secret or a public value, element by element. With the public value first, write `ops.sub(1, x)`.
 *
 * Keep sums below 2^(62 − precision) in magnitude, 2^46 at 16 fractional bits, and also an integer that is added to fixed
 * point; integers beside integers may use all 64 bits. Larger ones wrap around unnoticed.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the shapes cannot be broadcast, or a public value does not fit at the common scale
 *
 * @example
 * x.sub(y)
 * ops.sub(1, x)
 */
export const sub = defineOp({
  parameters: { x: "operand", other: "operand" },
  forward: term.sub,
  gradient: (g) => [() => g, () => negate(g)],
  plain: (x: FloatTensor, other: FloatTensor) => x.sub(other),
  bound: 0,
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[0.25, 3]],
    ],
    [1, [0.5, -2]],
  ],
  mathjs: { subtract: true },
});
