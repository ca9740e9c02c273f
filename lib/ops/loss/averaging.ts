/** What losses share: their value for each element, or its mean or sum, and the gradients of these. */
import { inspect } from "node:util";
import { publicFactor } from "../../autograd/operand";
import { divideByWhole, times, timesPublic } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import { readAt } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { planReduction } from "../../tensor/reduction";
import { bracketShape, type Shape, sameShape, sizeOf } from "../../tensor/shape";

/** Options of a loss. */
export interface LossOptions {
  /** The mean over all, their sum, or each one. Default: "mean" */
  readonly reduction?: "mean" | "sum" | "none";
}

/** The most bits by which the gradient of a mean is finer than a number. */
const FINER = 10;
const REDUCTIONS = ["mean", "sum", "none"];

/**
 * Check the options and shapes of a loss over elements.
 *
 * @throws {RangeError} the shapes differ, there are no elements, or the reduction is unknown
 */
export function checkLoss(name: string, x: Shape, target: Shape, options?: LossOptions): void {
  checkReduction(name, options);
  if (!sameShape(x, target))
    throw new RangeError(
      `${name}: the prediction has shape ${bracketShape(x)} and the target ${bracketShape(target)}; both must be equal`,
    );
  if (sizeOf(x) === 0) throw new RangeError(`${name}: there are no elements`);
}

/** @throws {RangeError} the reduction is unknown */
export function checkReduction(name: string, { reduction = "mean" }: LossOptions = {}): void {
  if (REDUCTIONS.includes(reduction)) return;
  throw new RangeError(`${name}: reduction must be "mean", "sum" or "none", got ${inspect(reduction)}`);
}

/** Reduce the losses of elements. */
export function reduceLoss(losses: SharedTensor, { reduction = "mean" }: LossOptions = {}): SharedTensor {
  if (reduction === "none") return losses;
  const sum = sumAxes(losses, planReduction("sum", losses.shape));
  return reduction === "sum" ? sum : divideByWhole(sum, sizeOf(losses.shape));
}

/** The same on plain numbers. */
export function reducePlain(losses: FloatTensor, { reduction = "mean" }: LossOptions = {}): FloatTensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}

/**
 * The gradient of a reduced loss, from that of each element's loss and the one of the result. That of a mean over n is
 * finer by the bits of n, up to 10, so that what is divided by n keeps its bits until it is multiplied and added up.
 *
 * @param count - how many losses are averaged
 */
export function throughReduction(
  each: SharedTensor,
  g: SharedTensor,
  count: number,
  { reduction = "mean" }: LossOptions = {},
): SharedTensor {
  if (reduction !== "mean") return times(each, g);
  const bits = Math.min(FINER, Math.floor(Math.log2(count)));
  const rest = 2 ** bits / count;
  const factor = publicFactor(rest, each.iface.precision, "a mean");
  const part = rest === 1 ? each : timesPublic(each, factor);
  const finer = readAt(part, part.fracBits + bits);
  return times(finer, g, finer.fracBits);
}

/** The bound of a reduced loss whose elements are within `each`. */
export function lossBound(
  ulp: number,
  count: number,
  each: number,
  { reduction = "mean" }: LossOptions = {},
): number {
  if (reduction === "none") return each;
  return reduction === "sum" ? count * each : each + (1 + 2 ** -8) * ulp;
}
