import { keepWhere, select } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { type IndexInput, readCondition } from "../../tensor/indexed";
import { defineOp } from "../define";

/**
 * Take this where a public condition is 1, and the other where it is 0; all three broadcast. With the condition first,
 * write `spdz.where(condition, x, other)`.
 *
 * @param condition - public ones and zeros
 * @param other - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the condition holds other elements, or the shapes cannot be broadcast
 * @throws {TypeError} the condition is secret or fixed point
 *
 * @example
 * x.where([1, 0, 1], 0)
 */
export const where = defineOp({
  parameters: { x: "operand", condition: "argument", other: "operand" },
  forward: (x, condition, other) => select(x, readCondition(condition), other),
  gradient: (g, _made, _x, condition) => {
    const ones = readCondition(condition);
    const zeros = { ...ones, values: ones.values.map((value) => 1 - value) };
    return [() => keepWhere("where", g, ones, "x"), () => keepWhere("where", g, zeros, "other")];
  },
  plain: (x: FloatTensor, condition: IndexInput, other: FloatTensor) => x.where(condition, other),
  bound: 0,
  shapes: () => [
    [2, 3],
    [2, 3],
  ],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [1, 0, 1],
      [
        [0.25, 1, 2],
        [7, 8, 9],
      ],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [[0], [1]],
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
  ],
});
