import { join, rearrange } from "../../primitives/layout";
import { FloatTensor } from "../../tensor/float-tensor";
import { joinAlong } from "../../tensor/parts";
import { defineOp } from "../define";

/**
 * Join tensors along an existing axis; any of them may be secret or public.
 *
 * @param tensors - a list of tensors that are equally long along all other axes
 * @param axis - Default: the first
 * @returns at the finest scale among them, exact
 * @throws {RangeError} shapes differ along another axis, or the axis does not exist
 *
 * @example
 * spdz.concat([left, right], 1) // columns side by side
 */
export const concat = defineOp({
  parameters: { tensors: "operands", axis: "argument" },
  forward: (tensors, axis = 0) =>
    join(
      "concat",
      tensors,
      joinAlong(
        tensors.map(({ shape }) => shape),
        axis,
      ),
    ),
  gradient: (g, _made, tensors, axis = 0) =>
    joinAlong(
      tensors.map(({ shape }) => shape),
      axis,
    ).parts.map((part) => () => rearrange("concat", g, part)),
  plain: (tensors: readonly FloatTensor[], axis?: number) => FloatTensor.concat(tensors, axis),
  bound: 0,
  examples: [
    [[[1.5, 2], [3]]],
    [
      [
        [[1.5], [2]],
        [
          [3, 4],
          [5, 6],
        ],
        [[-7], [0.25]],
      ],
      1,
    ],
  ],
});
