import { join, rearrange } from "../../primitives/layout";
import { FloatTensor } from "../../tensor/float-tensor";
import { joinAsNew } from "../../tensor/parts";
import { defineOp } from "../define";

/**
 * Stack tensors of equal shape along a new axis; any of them may be secret or public.
 *
 * @param tensors - a list of tensors of one shape
 * @param axis - Default: the first
 * @returns at the finest scale among them, exact
 * @throws {RangeError} shapes differ, or the axis does not exist
 *
 * @example
 * spdz.stack([x, y]) // x and y as the rows of one
 */
export const stack = defineOp({
  parameters: { tensors: "operands", axis: "argument" },
  forward: (tensors, axis = 0) =>
    join(
      "stack",
      tensors,
      joinAsNew(
        tensors.map(({ shape }) => shape),
        axis,
      ),
    ),
  gradient: (g, _made, tensors, axis = 0) =>
    joinAsNew(
      tensors.map(({ shape }) => shape),
      axis,
    ).parts.map((part) => () => rearrange("stack", g, part)),
  plain: (tensors: readonly FloatTensor[], axis?: number) => FloatTensor.stack(tensors, axis),
  bound: 0,
  examples: [
    [
      [
        [1.5, 2],
        [3, -4],
      ],
    ],
    [
      [
        [1.5, 2],
        [3, -4],
      ],
      -1,
    ],
    [[1.5, 2, 7]],
  ],
});
