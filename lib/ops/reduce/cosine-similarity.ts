import { combine, lift, negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planReduction, type ReduceOptions } from "../../tensor/reduction";
import { type Axes, bracketShape, sameShape } from "../../tensor/shape";
import { INNER, toBase, widthOf } from "../approximate/inner";
import { normalise } from "../approximate/normalise";
import { quotient } from "../approximate/quotient";
import { rootOf } from "../approximate/roots";
import { defineOp } from "../define";
import * as term from "../term";
import { spreadBack } from "./spread-back";

/**
 * Compute the cosine of the angle between two tensors, or between their vectors along some axes: the sum of products over
 * both 2-norms.
 *
 * Keep every sum of squares, and the product of both norms, below 2^(61 − 2·precision), 2^29 at 16 fractional bits. The result
 * is 0 where a norm is 0.
 *
 * @param other - a secret or a public value of the same shape
 * @param axes - one axis or several; negative ones count from the last. Default: all
 * @param options.keepdim - keep the axes, with size 1. Default: false
 * @returns at the session's precision, a scalar if all axes go; for n products, within (3n + 6)/(|x|·|y|) and two units in
 *   the last place, for norms from 1 on
 * @throws {RangeError} the shapes differ, or an axis does not exist or is named twice
 *
 * @example
 * x.cosineSimilarity(y, 1)
 */
export const cosineSimilarity = defineOp({
  parameters: { x: "operand", other: "operand", axes: "argument", options: { keepdim: "argument" } },
  check: (x, other, axes, options) => {
    if (!sameShape(x.shape, other.shape))
      throw new RangeError(
        `cosineSimilarity: shapes ${bracketShape(x.shape)} and ${bracketShape(other.shape)} must be equal`,
      );
    planReduction("cosineSimilarity", x.shape, axes, options);
  },
  forward: (x, other, axes, options) => {
    const sums = (y: SharedTensor) => sumAxes(y, planReduction("cosineSimilarity", y.shape, axes, options));
    const [left, right] = [x, other].map((each) => rootOfSum(sums(squared(each, x, other)))) as [
      SharedTensor,
      SharedTensor,
    ];
    const lengths = toBase(times(left, right));
    const divisor = normalise(lengths, widthOf(lengths), false);
    return { result: quotient(sums(term.mul(x, other)), divisor), saved: { left, right, divisor } };
  },
  gradient: (g, { result, saved: { left, right, divisor } }, x, other, axes) => {
    const plan = planReduction("cosineSimilarity", x.shape, axes);
    const spread = (each: SharedTensor) => spreadBack(each, plan, x.shape);
    // d cos / dx = y / (|x|·|y|) − cos · x / |x|²
    const along = (own: term.Term, facing: term.Term, length: SharedTensor) => {
      const first = term.mul(facing, spread(quotient(g, divisor, INNER)));
      const own2 = toBase(square(length));
      const scaled = quotient(times(g, result), normalise(own2, widthOf(own2), false), INNER);
      return combine("add", first, negate(term.mul(own, spread(scaled))));
    };
    return [() => along(x, other, left), () => along(other, x, right)];
  },
  plain: (x: FloatTensor, other: FloatTensor, axes?: Axes, options?: ReduceOptions) => {
    const length = (each: FloatTensor) => each.mul(each).sum(axes, options).map(Math.sqrt);
    const lengths = length(x).mul(length(other));
    return x
      .mul(other)
      .sum(axes, options)
      .div(lengths.map((each) => each || 1));
  },
  bound: {
    text: "(3n + 6)/(|x|·|y|) and two units in the last place for n products, for norms from 1 on",
    of: (ulp, x, other, axes, options) => {
      const { count } = planReduction("cosineSimilarity", x.shape, axes, options);
      const length = (each: FloatTensor) => each.mul(each).sum(axes, options).map(Math.sqrt);
      const [left, right] = [length(x), length(other)];
      // Each norm is off by a unit and by n units over twice itself; what that changes is relative.
      const relative = (each: FloatTensor) => each.map((norm) => ((1 + count / (2 * norm)) * ulp) / norm);
      return relative(left)
        .add(relative(right))
        .add(left.mul(right).map((product) => ((count + 2) * ulp) / product))
        .add(2 * ulp);
    },
  },
  domain: [1, 64],
  shapes: (m, k) => [
    [m, k],
    [m, k],
  ],
  examples: [
    [
      [
        [1, 2.5, -3],
        [4, 5, -6],
      ],
      [
        [1, 2, 3],
        [4, 5, -6],
      ],
      1,
    ],
    [
      [1, 2.5, -3],
      [-2, 0.5, 3],
    ],
  ],
});

/** The square of an operand, as a secret; a public one by way of the other, which is secret. */
function squared(each: term.Term, x: term.Term, other: term.Term): SharedTensor {
  if (term.isSecret(each)) return square(each);
  const secret = (term.isSecret(x) ? x : other) as SharedTensor;
  return square(lift(secret.iface, each));
}

function rootOfSum(sum: SharedTensor): SharedTensor {
  const base = toBase(sum);
  return rootOf(normalise(base, widthOf(base), false), base.fracBits, widthOf(base), sum.iface.precision);
}
