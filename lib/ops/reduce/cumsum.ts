import { combine } from "../../primitives/add";
import { cumulate, sumAxes } from "../../primitives/reduce";
import type { FloatTensor } from "../../tensor/float-tensor";
import { around, planReduction } from "../../tensor/reduction";
import { defineOp } from "../define";

/**
 * Add up along an axis as it goes: each element of the result is the sum of all elements up to it.
 *
 * @param axis - a negative one counts from the last
 * @returns the same shape, at the same scale, exact
 * @throws {RangeError} the axis does not exist
 *
 * @example
 * sales.cumsum(0)
 */
export const cumsum = defineOp({
  parameters: { x: "operand", axis: "argument" },
  check: (x, axis) => void around("cumsum", axis, x.shape),
  forward: cumulate,
  // What follows an element, itself included: the sum of all, less what precedes it.
  gradient: (g, _made, _x, axis) => [
    () => {
      const all = sumAxes(g, planReduction("cumsum", g.shape, axis, { keepdim: true }));
      return combine("add", combine("sub", all, cumulate(g, axis)), g);
    },
  ],
  plain: (x: FloatTensor, axis: number) => x.cumsum(axis),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
    ],
    [[1, 2.5, 3], -1],
  ],
});
