import type { FloatTensor } from "../../tensor/float-tensor";
import { unsqueezeLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Insert an axis of size 1 at that place: `[3]` becomes `[1, 3]` for 0, and `[3, 1]` for 1 or -1.
 *
 * @returns at the same scale, exact
 * @throws {RangeError} the result has no such axis
 *
 * @example
 * x.unsqueeze(1).sub(centres) // every row beside every centre
 */
export const unsqueeze = defineOp({
  parameters: { x: "operand", axis: "argument" },
  ...moves("unsqueeze", unsqueezeLayout),
  plain: (x: FloatTensor, axis: number) => x.unsqueeze(axis),
  examples: [
    [[1.5, 2], 0],
    [[1.5, 2], -1],
    [7, 0],
  ],
});
