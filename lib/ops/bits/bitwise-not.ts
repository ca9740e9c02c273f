import { negate } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant } from "../constant";
import { defineOp } from "../define";
import { secret } from "../term";

/**
 * Turn over every bit of integers in two's complement: −1 − x.
 *
 * @returns secret integers, exact
 * @throws {TypeError} this is fixed point
 *
 * @example
 * flags.bitwiseNot()
 */
export const bitwiseNot = defineOp({
  parameters: { x: "integer" },
  forward: (x) => addConstant(negate(secret(x)), -1),
  plain: (x: FloatTensor) => x.map((element) => -1 - element),
  bound: 0,
  integers: [-(2 ** 40), 2 ** 40],
  examples: [[[5, -1, 0]]],
  mathjs: { bitNot: true },
});
