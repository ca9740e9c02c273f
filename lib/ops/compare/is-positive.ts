import * as primitives from "../../primitives/compare";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Compare every element with zero: 1 where x > 0, else 0.
 *
 * @returns secret integers 0 or 1, exact; multiplying by them takes no truncation
 *
 * @example
 * x.isPositive()
 */
export const isPositive = defineOp({
  forward: primitives.isPositive,
  plain: (x: FloatTensor) => x.map((element) => (element > 0 ? 1 : 0)),
  bound: 0,
  examples: [[[-1.5, 0, 0.25, 4096]]],
});
