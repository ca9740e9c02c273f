import { addPublic, negate } from "../primitives/add";
import { times, timesPublic } from "../primitives/multiply";
import { detach, type SharedTensor } from "../primitives/shared-tensor";
import { publicTensor } from "./operand";

/** The polynomial stands for the sigmoid on [−RANGE, RANGE]. */
const RANGE = 8;

/**
 * Odd coefficients, from u to u^9 for u = x / 8, of the minimax polynomial of degree 9 to sigmoid(8u) − 1/2 on
 * [−1, 1] (found by linear programming on 4,001 Chebyshev nodes); the largest error is 0.0088.
 */
const COEFFICIENTS = [1.87315, -6.15713, 12.89557, -12.94086, 4.8377];

/** 1 / (1 + exp(−x)) by a polynomial in x / 8, in Horner's form. 13 rounds. */
export function sigmoidOf(x: SharedTensor): SharedTensor {
  const constant = (value: number) => publicTensor(value, x.iface.precision);
  const u = timesPublic(x, constant(1 / RANGE));
  const square = times(u, u);
  const [highest, ...rest] = [...COEFFICIENTS].reverse();
  let sum = addPublic(timesPublic(square, constant(highest!)), constant(rest[0]!));
  for (const coefficient of rest.slice(1)) sum = addPublic(times(sum, square), constant(coefficient));
  return addPublic(times(sum, u), constant(0.5));
}

/** The gradient of the sigmoid from its result s: s · (1 − s) · upstream. 4 rounds. */
export function sigmoidGradient(result: SharedTensor, upstream: SharedTensor): SharedTensor {
  const s = detach(result);
  const oneMinus = addPublic(negate(s), publicTensor(1, s.iface.precision));
  return times(times(s, oneMinus), upstream);
}
