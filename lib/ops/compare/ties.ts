import { combine } from "../../primitives/add";
import { isZero } from "../../primitives/compare";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { timesConstant } from "../constant";

/**
 * Return the gradient of the operand that is chosen where `chosen` is 1: all of it there, half of it where both operands are
 * equal.
 *
 * @param difference - of the two operands
 */
export function gradientOfChosen(
  g: SharedTensor,
  difference: SharedTensor,
  chosen: SharedTensor,
): SharedTensor {
  const halves = combine("add", combine("add", chosen, chosen), isZero(difference));
  return times(g, timesConstant(halves, 0.5));
}
