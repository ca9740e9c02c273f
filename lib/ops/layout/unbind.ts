import { join, rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { joiningOf, unbindLayouts } from "../../tensor/parts";
import { defineOp } from "../define";

/**
 * Take apart along an axis, which is dropped.
 *
 * @param axis - Default: the first
 * @returns a list with what stands at each position, at the same scale, exact
 * @throws {RangeError} the axis does not exist
 *
 * @example
 * const [ages, incomes] = table.unbind(1);
 */
export const unbind = defineOp({
  parameters: { x: "operand", axis: "argument" },
  forward: (x, axis = 0) => unbindLayouts(x.shape, axis).map((part) => rearrange("unbind", x, part)),
  gradient: (g, _made, x, axis = 0) => [
    () => join("unbind", [...g], joiningOf("unbind", x.shape, axis, unbindLayouts(x.shape, axis))),
  ],
  plain: (x: FloatTensor, axis?: number) => x.unbind(axis),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
    ],
  ],
});
