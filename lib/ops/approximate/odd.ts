import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { weigh } from "../../primitives/weigh";
import { addConstant } from "../constant";
import type { Polynomial } from "./coefficients";
import { evaluate, toUnit } from "./evaluate";
import { fold } from "./fold";
import { toBase } from "./inner";

/** An odd function that goes to 1, from the polynomial of what is missing to 1 for x from 0 to a bound. */
export function oddFromTail(x: SharedTensor, tail: Polynomial): SharedTensor {
  const { precision } = x.iface;
  const { magnitude, isNegative } = fold(toBase(x), tail.interval[1]);
  const upper = addConstant(negate(evaluate(toUnit(magnitude, tail), tail, precision)), 1);
  const sign = weigh([isNegative], { weights: [-2], constant: 1, fracBits: 0 }, 0);
  return times(sign, upper, precision);
}
