import { raise } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Turn integers into fixed point at the session's precision, so that they can have a gradient. Fixed point stays as it is.
 *
 * Keep integers below 2^(62 − precision) in magnitude: 2^46 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @returns the same numbers, exact
 *
 * @example
 * counts.float()
 */
export const float = defineOp({
  forward: (x) => raise(x, x.iface.precision),
  gradient: (g) => [() => g],
  plain: (x: FloatTensor) => x,
  bound: 0,
  examples: [[[1.5, 0, -4096]]],
});
