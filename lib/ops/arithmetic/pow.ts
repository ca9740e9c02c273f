import { inspect } from "node:util";
import { times, timesPublic } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { addConstant, constant } from "../constant";
import { defineOp } from "../define";

/**
 * Raise every element to a public power, by repeated squaring.
 *
 * Keep the magnitude of every result below 2^(62 − 2·precision), 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param exponent - a whole number from 0
 * @returns at the session's precision; for an exponent n, within n · max(1, |x|)^(n−1) units in the last place; exact for
 *   whole numbers
 * @throws {RangeError} the exponent is negative or not whole
 *
 * @example
 * x.pow(3)
 */
export const pow = defineOp({
  parameters: { x: "operand", exponent: "argument" },
  check: (_x, exponent) => {
    if (typeof exponent !== "number")
      throw new TypeError(`pow: exponent must be a public number, got ${inspect(exponent, { depth: 0 })}`);
    if (!Number.isSafeInteger(exponent) || exponent < 0)
      throw new RangeError(`pow: exponent must be a whole number from 0, got ${exponent}`);
  },
  forward: raise,
  gradient: (g, _made, x, exponent) => [
    () => {
      const scaled = timesPublic(g, constant(x, exponent));
      return exponent < 2 ? scaled : times(scaled, raise(x, exponent - 1));
    },
  ],
  plain: (x: FloatTensor, exponent: number) => x.map((element) => element ** exponent),
  bound: {
    text: "n · max(1, |x|)^(n−1) units in the last place, for an exponent n",
    of: (ulp, x, n) => x.map((element) => ulp * n * Math.max(1, Math.abs(element)) ** (n - 1)),
  },
  domain: [-16, 16],
  examples: [
    [[-1.5, 0.5, 0, 2], 0],
    [[-1.5, 0.5, 0, 2], 1],
    [[-1.5, 0.5, 0, 2], 2],
    [[-1.5, 0.5, 0, 2], 3],
    [[-1.5, 0.5, 0, 2], 5],
  ],
  mathjs: { dotPow: true },
});

/**
 * Why the bound holds, in units of the last place with M = max(1, |x|): let x^k be off by e(k) ≤ (k − 1)·M^(k−1). A square
 * is off by 2·M^k·e(k), by its own unit and by e(k)² units of the precision, so e(2k) ≤ (2k − 1)·M^(2k−1) but for that
 * last part; a factor x more gives M·e(2k) + 1 ≤ 2k·M^(2k). The bound has n in place of n − 1 for the part left out.
 */
function raise(x: SharedTensor, exponent: number): SharedTensor {
  if (exponent === 0) return addConstant(timesPublic(x, constant(x, 0)), 1);
  if (exponent === 1) return x;
  const half = square(raise(x, Math.floor(exponent / 2)));
  return exponent % 2 === 0 ? half : times(half, x);
}
