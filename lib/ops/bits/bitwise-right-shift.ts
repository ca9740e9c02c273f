import { shiftRight } from "../../primitives/bits";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import { secret } from "../term";
import { requireBits } from "./words";

/**
 * Divide integers by 2^count and round down, so −1 stays −1.
 *
 * Keep magnitudes below 2^62.
 *
 * @param count - by how many bits, from 0 to 62
 * @returns secret integers, exact
 * @throws {RangeError} the count is not a whole number from 0 to 62
 * @throws {TypeError} this is fixed point
 *
 * @example
 * x.bitwiseRightShift(3)
 */
export const bitwiseRightShift = defineOp({
  parameters: { x: "integer", count: "argument" },
  check: (_, count) => requireBits("bitwiseRightShift", count, 0, 62),
  forward: (x: SharedTensor, count: number) => (count === 0 ? secret(x) : shiftRight(secret(x), count)),
  plain: (x: FloatTensor, count: number) => x.map((element) => Math.floor(element / 2 ** count)),
  bound: 0,
  integers: [-(2 ** 40), 2 ** 40],
  examples: [
    [[5, -1, 0, 8], 0],
    [[5, -1, 0, 8, -8], 3],
  ],
  mathjs: { rightArithShift: true },
});
