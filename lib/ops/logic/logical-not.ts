import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { readCondition } from "../../tensor/indexed";
import { addConstant } from "../constant";
import { defineOp } from "../define";
import { secret } from "../term";

/**
 * Return 1 where an operand is 0, and 0 where it is 1.
 *
 * Elements are 0 or 1, as comparisons give them; other secrets give results that mean nothing.
 *
 * @returns secret integers 0 or 1, exact
 * @throws {TypeError} this is fixed point
 *
 * @example
 * x.eq(y).logicalNot()
 */
export const logicalNot = defineOp({
  parameters: { x: "integer" },
  forward: (x) => addConstant(negate(secret(x)), 1),
  plain: (x: FloatTensor) => {
    readCondition(x, "logicalNot");
    return x.map((element) => 1 - element);
  },
  bound: 0,
  integers: [0, 1],
  examples: [[[0, 1]]],
});
