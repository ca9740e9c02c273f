import { combine } from "../../primitives/add";
import { isPositive, selectNegative } from "../../primitives/compare";
import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Return the magnitude of every element.
 *
 * The gradient is 0 where x is 0.
 *
 * @returns at the same scale, exact
 *
 * @example
 * x.sub(y).abs()
 */
export const abs = defineOp({
  forward(x) {
    const { chosen: negative, product } = selectNegative(x, x);
    return { result: combine("sub", x, combine("add", product, product)), saved: { negative } };
  },
  gradient: (g, { saved: { negative } }, x) => [() => times(g, combine("sub", isPositive(x), negative))],
  plain: (x: FloatTensor) => x.abs(),
  bound: 0,
  examples: [[[-1.5, 0, 0.25, 4096]]],
  mathjs: { abs: true },
});
