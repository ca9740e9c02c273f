import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units } from "../approximate/error";
import { powerOfTwo } from "../approximate/exponential";
import { INNER, toBase } from "../approximate/inner";
import { logarithm } from "../approximate/logarithm";
import { normalise } from "../approximate/normalise";
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
 * Compute the logarithm of the softmax along an axis, x less the logarithm of the sum of exp(x), without overflow.
 *
 * Differences along the axis must be below 2^(62 − 2·precision), 2^30 at 16 fractional bits.
 *
 * @param axis - negative ones count from the last
 * @returns at the session's precision, within two units in the last place and 2^-20 for each element along the axis
 * @throws {TypeError} there is no axis
 * @throws {RangeError} the axis does not exist, or has no elements
 *
 * @example
 * scores.logSoftmax(1)
 */
export const logSoftmax = defineOp({
  parameters: { x: "operand", axis: "argument" },
  check: (x, axis) => void planSoftmax("logSoftmax", x.shape, axis),
  forward: (x, axis) => {
    const plan = planSoftmax("logSoftmax", x.shape, axis);
    const { powers, below } = exponentials(x, plan);
    const { sum, width } = sumOfRows(powers, plan);
    const shift = toScale(logarithm(normalise(sum, width, false), INNER), x.iface.precision);
    return backToAxis(combine("sub", below, shift), plan);
  },
  gradient: (g, { result }, x, axis) => [
    () => {
      const plan = planSoftmax("logSoftmax", x.shape, axis);
      const upstream = toColumns(g, plan);
      const weights = toColumns(powerOfTwo(toBase(result), Math.LOG2E), plan);
      return backToAxis(combine("sub", upstream, times(weights, sumOfRows(upstream, plan).sum)), plan);
    },
  ],
  plain: (x: FloatTensor, axis: number) =>
    eachRowOf(x, planSoftmax("logSoftmax", x.shape, axis), (row) => row.map((each) => each - logSumExp(row))),
  bound: {
    text: "two units in the last place, and 2^-20 for each element along the axis",
    of: (ulp, x, axis) => units(2, ulp) + 2 ** -20 * planSoftmax("logSoftmax", x.shape, axis).length,
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
