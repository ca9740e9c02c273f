import { combine, negate } from "../../primitives/add";
import { keepWhere, select } from "../../primitives/layout";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { broadcastShapes } from "../../tensor/shape";
import { addConstant } from "../constant";
import { defineOp } from "../define";
import { readMask } from "../public-integers";
import * as term from "../term";

/**
 * Take this where a condition is 1, and the other where it is 0; all three broadcast. With the condition first, write
 * `spdz.where(condition, x, other)`.
 *
 * Of a secret condition nobody learns which was taken. Its elements must be 0 or 1: others give x and the other mixed.
 *
 * @param condition - secret or public integers 0 and 1, as comparisons give them
 * @param other - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} a public condition holds other elements, or the shapes cannot be broadcast
 * @throws {TypeError} the condition is fixed point
 *
 * @example
 * x.where([1, 0, 1], 0)
 * x.where(x.lt(y), y)
 */
export const where = defineOp({
  parameters: { x: "operand", condition: "integer", other: "operand" },
  check(x, condition, other) {
    broadcastShapes(broadcastShapes(x.shape, other.shape, "where"), condition.shape, "where");
  },
  forward(x, condition, other) {
    if (!term.isSecret(condition)) return select(x, readMask("where", condition), other);
    if (term.isSecret(x) && term.isSecret(other))
      return combine("add", other, times(condition, combine("sub", x, other)));
    return combine("add", term.mul(condition, x), term.mul(not(condition), other));
  },
  gradient: (g, _made, _x, condition) => {
    if (term.isSecret(condition))
      return [() => times(g, condition), undefined, () => times(g, not(condition))];
    const ones = readMask("where", condition);
    const zeros = { ...ones, values: ones.values.map((value) => 1 - value) };
    return [() => keepWhere("where", g, ones, "x"), undefined, () => keepWhere("where", g, zeros, "other")];
  },
  plain: (x: FloatTensor, condition: FloatTensor, other: FloatTensor) => x.where(condition, other),
  bound: 0,
  integers: [0, 1],
  shapes: () => [
    [2, 3],
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

/** 1 − x. */
function not(x: SharedTensor): SharedTensor {
  return addConstant(negate(x), 1);
}
