import { combine } from "../../primitives/add";
import { selectPositive } from "../../primitives/compare";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant, timesConstant } from "../constant";
import { defineOp } from "../define";

/**
 * Compute x where it is positive, and slope · x elsewhere, element by element.
 *
 * The slope is rounded to the session's precision. The gradient is the slope where x is 0.
 *
 * @param slope - Default: 0.01.
 * @returns at the session's precision, within 1 + |x| / 2 units in the last place
 *
 * @example
 * x.leakyRelu(0.2)
 */
export const leakyRelu = defineOp({
  parameters: { x: "operand", slope: "argument" },
  forward(x: SharedTensor, slope = 0.01) {
    const { chosen: positive, product } = selectPositive(x, x);
    const rest = timesConstant(combine("sub", x, product), slope);
    return { result: combine("add", product, rest), saved: { positive } };
  },
  gradient: (g, { saved: { positive } }, _, slope = 0.01) => [
    () => times(g, addConstant(timesConstant(positive, 1 - slope), slope)),
  ],
  plain: (x: FloatTensor, slope: number = 0.01) =>
    x.map((element) => (element > 0 ? element : slope * element)),
  bound: {
    text: "1 + |x| / 2 units in the last place",
    of: (ulp, x) => x.abs().div(2).add(1).mul(ulp),
  },
  examples: [[[-1.5, 0, 0.25, 4096]], [[-1.5, 0, 0.25], 0.25]],
});
