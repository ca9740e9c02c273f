import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";
import { logical, onTruth, requireTruth } from "./truth";

/**
 * Return 1 where both operands are 1, else 0.
 *
 * Operands are 0 or 1, as comparisons give them; other secrets give results that mean nothing.
 *
 * @param other - secret or public integers 0 and 1; shapes broadcast as in NumPy
 * @returns secret integers 0 or 1, exact
 * @throws {RangeError} the shapes cannot be broadcast, or a public operand holds other elements
 * @throws {TypeError} an operand is fixed point
 *
 * @example
 * x.gt(0).logicalAnd(x.lt(10))
 */
export const logicalAnd = defineOp({
  ...logical,
  forward(x, other) {
    requireTruth("logicalAnd", x, other);
    return term.mul(x, other);
  },
  plain: (x: FloatTensor, other: FloatTensor) => onTruth("logicalAnd", x, other, (a, b) => a && b),
});
