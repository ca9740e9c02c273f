import { combine } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";
import { logical, onTruth, requireTruth } from "./truth";

/**
 * Return 1 where at least one operand is 1, else 0.
 *
 * Operands are 0 or 1, as comparisons give them; other secrets give results that mean nothing.
 *
 * @param other - secret or public integers 0 and 1; shapes broadcast as in NumPy
 * @returns secret integers 0 or 1, exact
 * @throws {RangeError} the shapes cannot be broadcast, or a public operand holds other elements
 * @throws {TypeError} an operand is fixed point
 *
 * @example
 * x.gt(0).logicalOr(x.lt(10))
 */
export const logicalOr = defineOp({
  ...logical,
  forward(x, other) {
    requireTruth("logicalOr", x, other);
    const both = term.mul(x, other);
    return combine("sub", term.add(x, other), both);
  },
  plain: (x: FloatTensor, other: FloatTensor) => onTruth("logicalOr", x, other, (a, b) => a || b),
});
