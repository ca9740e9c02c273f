import type { FloatTensor } from "../../tensor/float-tensor";
import { atLayout } from "../../tensor/slices";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Take what stands at positions along the first axes: a row for one position, an element for one in each axis. The result
 * is always a tensor; negative positions count from the end.
 *
 * @returns at the same scale, exact
 * @throws {RangeError} a position is out of range
 *
 * @example
 * x.at(0)     // the first row
 * x.at(2, -1) // the last element of the third row
 */
export const at = defineOp({
  parameters: { x: "operand", positions: "arguments" },
  ...moves("at", (source, ...positions: number[]) => atLayout(source, positions)),
  plain: (x: FloatTensor, ...positions: number[]) => x.at(...positions),
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
      -1,
    ],
  ],
});
