import { selectPositive } from "../../primitives/compare";
import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Compute max(x, 0), element by element.
 *
 * The gradient is 0 where x is 0.
 *
 * @returns at the same scale, exact
 *
 * @example
 * data.matmul(weights).relu()
 */
export const relu = defineOp({
  forward(x) {
    const { chosen: positive, product } = selectPositive(x, x);
    return { result: product, saved: { positive } };
  },
  gradient: (g, { saved: { positive } }) => [() => times(g, positive)],
  plain: (x: FloatTensor) => x.map((element) => Math.max(element, 0)),
  bound: 0,
  examples: [[[-1.5, 0, 0.25, 4096]]],
});
