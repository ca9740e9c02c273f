import { negate } from "../../primitives/add";
import { isNegative } from "../../primitives/compare";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant } from "../constant";
import { defineOp } from "../define";
import * as term from "../term";
import { compare, comparing } from "./comparing";

/**
 * Compare element by element: 1 where x is less than or equal to the other operand, else 0.
 *
 * Exact for all fixed-point numbers. Integers are compared by their difference, which must be below 2^63 in magnitude:
 * it is if both are below 2^62. A public operand is first rounded to the session's precision.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns secret integers 0 or 1; multiplying by them takes no truncation
 * @throws {RangeError} the shapes cannot be broadcast
 *
 * @example
 * x.le(y)
 */
export const le = defineOp({
  ...comparing,
  forward: (x, other) => addConstant(negate(isNegative(term.sub(other, x))), 1),
  plain: (x: FloatTensor, other: FloatTensor) => compare(x, other, (a, b) => a <= b),
  mathjs: { smallerEq: true },
});
