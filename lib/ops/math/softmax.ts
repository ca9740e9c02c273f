import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units } from "../approximate/error";
import { INNER } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { reciprocalOf } from "../approximate/reciprocal-of";
import { defineOp } from "../define";
import {
  backToAxis,
  eachRowOf,
  exponentials,
  logSumExp,
  planSoftmax,
  sumOfRows,
  toColumns,
} from "./softmax-rows";

/**
 * Compute exp(x) over its sum along an axis, so that the results add up to 1.
 *
 * Differences along the axis must be below 2^(62 − 2·precision), 2^30 at 16 fractional bits.
 *
 * @param axis - negative ones count from the last
 * @returns at the session's precision, within two units in the last place and 2^-20 for each element along the axis
 * @throws {TypeError} there is no axis
 * @throws {RangeError} the axis does not exist, or has no elements
 *
 * @example
 * scores.softmax(1)
 */
export const softmax = defineOp({
  parameters: { x: "operand", axis: "argument" },
  check: (x, axis) => void planSoftmax("softmax", x.shape, axis),
  forward: (x, axis) => {
    const plan = planSoftmax("softmax", x.shape, axis);
    const { powers } = exponentials(x, plan);
    const { sum, width } = sumOfRows(powers, plan);
    // The sum is 1 at least, or a little less by rounding.
    const inverse = reciprocalOf(normalise(sum, width, false), INNER, INNER, 1);
    return backToAxis(times(powers, inverse, x.iface.precision), plan);
  },
  gradient: (g, { result }, x, axis) => [
    () => {
      const plan = planSoftmax("softmax", x.shape, axis);
      const [weights, upstream] = [toColumns(result, plan), toColumns(g, plan)];
      const mean = sumOfRows(times(weights, upstream), plan).sum;
      return backToAxis(times(weights, combine("sub", upstream, mean)), plan);
    },
  ],
  plain: (x: FloatTensor, axis: number) =>
    eachRowOf(x, planSoftmax("softmax", x.shape, axis), (row) =>
      row.map((each) => Math.exp(each - logSumExp(row))),
    ),
  bound: {
    text: "two units in the last place, and 2^-20 for each element along the axis",
    of: (ulp, x, axis) => units(2, ulp) + 2 ** -20 * planSoftmax("softmax", x.shape, axis).length,
  },
  domain: [-16, 16],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -60],
      ],
      1,
    ],
    [
      [
        [1, 2.5],
        [4, 5],
        [0, -2],
      ],
      0,
    ],
  ],
});
