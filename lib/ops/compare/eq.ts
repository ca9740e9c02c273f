import { isZero } from "../../primitives/compare";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";
import { compare, comparing } from "./comparing";

/**
 * Compare element by element: 1 where x equals the other operand, else 0.
 *
 * Exact for all fixed-point numbers, and for all 64-bit integers. A public operand is first rounded to the session's
 * precision.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns secret integers 0 or 1; multiplying by them takes no truncation
 * @throws {RangeError} the shapes cannot be broadcast
 *
 * @example
 * x.eq(y)
 */
export const eq = defineOp({
  ...comparing,
  forward: (x, other) => isZero(term.sub(x, other)),
  plain: (x: FloatTensor, other: FloatTensor) => compare(x, other, (a, b) => a === b),
  mathjs: { equal: true },
});
