import { combine } from "../../primitives/add";
import { divideByWhole, times } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import { planReduction, planVariance, type SpreadOptions } from "../../tensor/reduction";
import type { Axes, Shape } from "../../tensor/shape";
import { timesConstant } from "../constant";
import { withAxes } from "./spread-back";

/** The variance along some axes, and the distance of each element from its mean. */
export function varianceOf(x: SharedTensor, axes?: Axes, options?: SpreadOptions) {
  const plan = planVariance(x.shape, axes, options);
  const kept = planReduction("variance", x.shape, axes, { keepdim: true });
  const distances = combine("sub", x, divideByWhole(sumAxes(x, kept), plan.count));
  return { result: divideByWhole(sumAxes(square(distances), plan), plan.divisor), distances };
}

/** The mean moves too, but the distances from it add up to zero. */
export function gradientOfVariance(
  g: SharedTensor,
  distances: SharedTensor,
  axes?: Axes,
  options?: SpreadOptions,
): SharedTensor {
  const plan = planVariance(distances.shape, axes, options);
  return times(withAxes(divideByWhole(timesConstant(g, 2), plan.divisor), plan), distances);
}

/** An error e of the mean adds e² to each square; each square is off by one unit, and so is the quotient. */
export function errorOfVariance(ulp: number, shape: Shape, axes?: Axes, options?: SpreadOptions): number {
  const { count, divisor } = planVariance(shape, axes, options);
  return ulp * ((count / divisor) * (1 + 2 * ulp) + 1 + 2 ** -8);
}
