import { inspect } from "node:util";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { FloatTensor } from "../../tensor/float-tensor";
import { indexText } from "../../tensor/input";
import { defineOp } from "../define";
import { oneHotOf } from "../one-hot";
import { secret } from "../term";

/**
 * Turn integers from 0 to classes − 1 into rows, along a new last axis, with 1 at the integer's place and 0 elsewhere.
 *
 * Secrets must be in that range: others give rows that mean nothing.
 *
 * @param classes - the length of a row
 * @returns secret integers 0 and 1, exact
 * @throws {RangeError} `classes` is not a whole number from 1 to 2^24, or a public integer is out of range
 * @throws {TypeError} this is fixed point
 *
 * @example
 * labels.oneHot(10)
 */
export const oneHot = defineOp({
  parameters: { x: "integer", classes: "argument" },
  check(_, classes) {
    if (!Number.isInteger(classes) || classes < 1 || classes > 2 ** 24)
      throw new RangeError(`oneHot: classes must be a whole number from 1 to 2^24, got ${inspect(classes)}`);
  },
  forward: (x: SharedTensor, classes: number) => oneHotOf(secret(x), classes),
  plain: (x: FloatTensor, classes: number) => {
    const wrong = x.values.findIndex((value) => value < 0 || value >= classes);
    if (wrong >= 0)
      throw new RangeError(
        `oneHot: ${x.values[wrong]}${indexText(wrong, x.shape)} is out of range for ${classes} classes`,
      );
    const rows = new Float64Array(x.values.length * classes);
    x.values.forEach((value, i) => {
      rows[i * classes + value] = 1;
    });
    return FloatTensor.from(rows, [...x.shape, classes]);
  },
  bound: 0,
  integers: [0, 2],
  examples: [
    [[0, 1, 4, 3, 2], 5],
    [[[2], [0]], 3],
    [12, 13],
  ],
});
