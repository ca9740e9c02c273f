import type { Operand } from "../../autograd/operand";
import { SharedVariable } from "../../autograd/shared-variable";
import { lift, negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { readExact } from "../../tensor/exact";
import type { FloatTensor } from "../../tensor/float-tensor";
import { broadcastShapes } from "../../tensor/shape";
import { toBase, widthOf } from "../approximate/inner";
import { type Normalised, normalise } from "../approximate/normalise";
import { quotient } from "../approximate/quotient";
import { defineOp } from "../define";
import * as term from "../term";

/**
 * Divide by a public or a secret value, element by element.
 *
 * Keep quotients below 2^(61 − 2·precision) in magnitude, 2^29 at 16 fractional bits; larger ones wrap around unnoticed. The
 * dividend of a public divisor may be any value that the precision can hold, such as a large sum; of a secret divisor, both
 * must be below 2^(62 − 2·precision). A quotient by a secret zero is 0.
 *
 * @param other - a secret, or a public value without zeros; shapes broadcast as in NumPy
 * @returns at the session's precision; by a public value within one unit in the last place and 2^-29 of the quotient; by a
 *   secret within two units and 2^-22 of it
 * @throws {RangeError} a public divisor is 0 or out of range, or the shapes cannot be broadcast
 *
 * @example
 * x.div(255)
 * x.div([2, 0.1])
 * saved.div(income)
 */
export const div = defineOp({
  parameters: { x: "operand", other: "divisor" },
  forward: (x, other) => {
    if (!term.isSecret(other)) return { result: term.mul(x, other), saved: {} as Saved };
    const dividend = term.isSecret(x) ? x : lift(other.iface, x);
    broadcastShapes(x.shape, other.shape, "div");
    const divisor = normalise(toBase(other), widthOf(other), true);
    return { result: quotient(dividend, divisor), saved: { divisor } as Saved };
  },
  gradient: (g, { result, saved: { divisor } }, _x, other) => [
    () => (divisor ? quotient(g, divisor) : term.mul(g, other)),
    () => divisor && negate(quotient(times(g, result), divisor)),
  ],
  plain: (x: FloatTensor, other: FloatTensor) => x.div(other),
  bound: {
    text: "one unit in the last place and 2^-29 of the quotient; by a secret, two units and 2^-22",
    of: (ulp, x, other) =>
      x
        .div(other)
        .abs()
        .mul(2 ** -22)
        .add(2 * ulp),
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

interface Saved {
  /** A secret divisor, normalised. */
  readonly divisor?: Normalised;
}

/** mathjs's rule: by a number; by a matrix it would multiply with the inverse. */
function divide(x: Operand, y: Operand): SharedVariable {
  const isNumber = y instanceof SharedVariable ? y.shape.length === 0 : readExact(y) !== undefined;
  if (!isNumber) {
    throw new TypeError(
      "divide: mathjs's / takes a single number as its divisor, secret or public; to divide element by element write x ./ y, " +
        "math.dotDivide(x, y) or x.div(y)",
    );
  }
  return (div as (x: Operand, y: Operand) => unknown)(x, y) as SharedVariable;
}
