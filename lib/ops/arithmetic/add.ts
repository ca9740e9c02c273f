import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Add another secret or a public value, element by element.
 *
 * Keep sums below 2^(62 − precision) in magnitude, 2^46 at 16 fractional bits, and also an integer that is added to fixed
 * point; integers beside integers may use all 64 bits. Larger ones wrap around unnoticed.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the shapes cannot be broadcast, or a public value does not fit at the common scale
 *
 * @example
 * x.add(y)
 * x.add([[1, 2]])
 */
export const add = defineOp({
  parameters: { x: "operand", other: "operand" },
  forward: term.add,
  gradient: (g) => [() => g, () => g],
  plain: (x: FloatTensor, other: FloatTensor) => x.add(other),
  bound: 0,
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[0.25, 3]],
    ],
    [[1, 2], 3],
  ],
  mathjs: { add: true },
});
