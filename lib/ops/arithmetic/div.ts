import type { Operand } from "../../autograd/operand";
import { SharedVariable } from "../../autograd/shared-variable";
import { readExact } from "../../tensor/exact";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Divide by a public value, element by element. Division by a secret is not available yet.
 *
 * Keep quotients below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 * The dividend may be any value that the precision can hold, such as a large sum.
 *
 * @param other - a public value without zeros; shapes broadcast as in NumPy
 * @returns at the session's precision, within one unit in the last place and 2^-29 of the quotient
 * @throws {RangeError} a divisor is 0 or out of range, or the shapes cannot be broadcast
 * @throws {TypeError} the divisor is a secret
 *
 * @example
 * x.div(255)
 * x.div([2, 0.1])
 */
export const div = defineOp({
  parameters: { x: "operand", other: "divisor" },
  // The divisor arrives as the factor 1 / other.
  forward: term.mul,
  gradient: (g, _made, _x, other) => [() => term.mul(g, other)],
  plain: (x: FloatTensor, other: FloatTensor) => x.div(other),
  bound: {
    text: "one unit in the last place and 2^-29 of the quotient",
    of: (ulp, x, other) =>
      x
        .div(other)
        .abs()
        .mul(2 ** -29)
        .add(ulp),
  },
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[0.25, 3]],
    ],
    [[0.5, -2], 10],
  ],
  mathjs: { dotDivide: true, divide },
});

/** mathjs's rule: by a number; by a matrix it would multiply with the inverse. */
function divide(x: Operand, y: Operand): SharedVariable {
  if (!(y instanceof SharedVariable) && readExact(y) === undefined) {
    throw new TypeError(
      "divide: mathjs's / takes a single number as the divisor of a secret; to divide element by element write x ./ y, " +
        "math.dotDivide(x, y) or x.div(y)",
    );
  }
  return (div as (x: Operand, y: Operand) => unknown)(x, y) as SharedVariable;
}
