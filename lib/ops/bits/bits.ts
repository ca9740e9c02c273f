import { bitsOf } from "../../primitives/bits";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import { secret } from "../term";
import { requireBits, splitWords, WORD_BITS } from "./words";

/**
 * Split integers into their bits, the lowest first, along a new last axis. Negative numbers are in two's complement.
 *
 * Exact for all 64-bit integers. Fewer bits cost less: of numbers from 0 to 255 take 8.
 *
 * @param count - how many of the low bits. Default: 64.
 * @returns secret integers 0 and 1, exact
 * @throws {RangeError} the count is not a whole number from 1 to 64
 * @throws {TypeError} this is fixed point
 *
 * @example
 * flags.bits(8)
 */
export const bits = defineOp({
  parameters: { x: "integer", count: "argument" },
  check: (_, count = WORD_BITS) => requireBits("bits", count, 1, WORD_BITS),
  forward: (x: SharedTensor, count = WORD_BITS) => bitsOf(secret(x), count),
  plain: (x: FloatTensor, count: number = WORD_BITS) => splitWords(x, count),
  bound: 0,
  integers: [-(2 ** 40), 2 ** 40],
  shapes: () => [[2]],
  examples: [[[5, -1]], [[[5], [-128]], 3]],
});
