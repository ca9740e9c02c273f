import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { square as squared } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Square every element, with less communication than a product of two different secrets.
 *
 * Keep squares below 2^(62 − 2·precision), 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @returns at the session's precision, within one unit in the last place; exact for whole numbers
 *
 * @example
 * x.sub(y).square().sum()
 */
export const square = defineOp({
  forward: squared,
  gradient: (g, _made, x) => [() => times(combine("add", g, g), x)],
  plain: (x: FloatTensor) => x.mul(x),
  bound: 1,
  examples: [[[1.5, 0, -4096, 0.0078125]]],
  mathjs: { square: true },
});
