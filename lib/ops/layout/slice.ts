import type { FloatTensor } from "../../tensor/float-tensor";
import { type SliceRange, sliceLayout } from "../../tensor/slices";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Take a part. For each of the first axes, say what to take:
 * - `[start, end, step]`, from `start` up to but not including `end`; null or nothing means from or to the end,
 * - `null` for the whole axis, or
 * - a position, which drops the axis.
 *
 * Negative positions count from the end, and a negative step goes backwards: Python's `x[:10, 1, ::-1]` is
 * `x.slice([0, 10], 1, [null, null, -1])`. For positions only, use `at`.
 *
 * @returns at the same scale, exact
 * @throws {RangeError} a position is outside its axis, there are more ranges than axes, or a step is 0
 * @throws {TypeError} there are only positions: in JavaScript `slice(0, 10)` means a range
 *
 * @example
 * x.slice([0, 10])
 * x.slice(null, [-2])
 */
export const slice = defineOp({
  parameters: { x: "operand", ranges: "arguments" },
  ...moves("slice", (source, ...ranges: SliceRange[]) => sliceLayout(source, ranges)),
  plain: (x: FloatTensor, ...ranges: SliceRange[]) => x.slice(...ranges),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [0, 1],
      [null, null, -2],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      null,
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      [0, 0],
    ],
  ],
});
