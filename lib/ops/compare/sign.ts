import { combine } from "../../primitives/add";
import { isNegative, isPositive } from "../../primitives/compare";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Return the sign of every element: 1, 0 or −1.
 *
 * @returns secret integers, exact
 *
 * @example
 * x.sign()
 */
export const sign = defineOp({
  forward: (x) => combine("sub", isPositive(x), isNegative(x)),
  plain: (x: FloatTensor) => x.map((element) => Math.sign(element)),
  bound: 0,
  examples: [[[-1.5, 0, 0.25, 4096]]],
  mathjs: { sign: true },
});
