import { timesPublic } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import { secret } from "../term";
import { requireBits } from "./words";

/**
 * Multiply integers by 2^count. Keep results below 2^63 in magnitude; larger ones wrap around unnoticed.
 *
 * @param count - by how many bits, from 0 to 61
 * @returns secret integers, exact
 * @throws {RangeError} the count is not a whole number from 0 to 61
 * @throws {TypeError} this is fixed point
 *
 * @example
 * x.bitwiseLeftShift(3)
 */
export const bitwiseLeftShift = defineOp({
  parameters: { x: "integer", count: "argument" },
  check: (_, count) => requireBits("bitwiseLeftShift", count, 0, 61),
  forward: (x: SharedTensor, count: number) =>
    timesPublic(secret(x), { shape: [], fracBits: 0, vector: ring64.fromBigInts([1n << BigInt(count)]) }),
  plain: (x: FloatTensor, count: number) => x.mul(2 ** count),
  bound: 0,
  integers: [-4096, 4096],
  examples: [
    [[5, -1, 0], 3],
    [[5, -1], 0],
  ],
  mathjs: { leftShift: true },
});
