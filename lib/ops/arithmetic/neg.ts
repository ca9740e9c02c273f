import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Change the sign of every element.
 *
 * @returns at the same scale, exact
 *
 * @example
 * x.neg()
 */
export const neg = defineOp({
  forward: negate,
  gradient: (g) => [() => negate(g)],
  plain: (x: FloatTensor) => x.neg(),
  bound: 0,
  examples: [[[1.5, 0, -4096]]],
  mathjs: { unaryMinus: true },
});
