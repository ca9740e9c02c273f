import type { FloatTensor } from "../../tensor/float-tensor";
import { squeezeLayout } from "../../tensor/views";
import { defineOp } from "../define";
import { moves } from "../moves";

/**
 * Drop all axes of size 1, or one of them.
 *
 * @param axis - Default: all of size 1
 * @returns at the same scale, exact
 * @throws {RangeError} that axis does not exist, or has another size than 1
 *
 * @example
 * x.sum(1, { keepdim: true }).squeeze(1)
 */
export const squeeze = defineOp({
  parameters: { x: "operand", axis: "argument" },
  hint: "to drop several axes call it for each",
  ...moves("squeeze", (source, axis?: number) => squeezeLayout(source, axis)),
  plain: (x: FloatTensor, axis?: number) => x.squeeze(axis),
  shapes: (m) => [[1, m]],
  examples: [[[[1.5, 2]]], [[[1.5, 2]], 0]],
});
