import { broadcastTo as broadcast } from "../../primitives/layout";
import { sumTo } from "../../primitives/reduce";
import type { FloatTensor } from "../../tensor/float-tensor";
import type { Shape } from "../../tensor/shape";
import { defineOp } from "../define";

/**
 * Repeat along axes of size 1 and along new leading axes, as NumPy broadcasts.
 *
 * @param shape - the shape of the result, as one list
 * @returns at the same scale, exact
 * @throws {RangeError} the shape cannot be broadcast to that one
 *
 * @example
 * bias.broadcastTo([100, 3])
 */
export const broadcastTo = defineOp({
  parameters: { x: "operand", shape: "argument" },
  hint: "write the shape as one list: broadcastTo([2, 3])",
  forward: (x, shape) => broadcast(x, shape),
  gradient: (g, _made, x) => [() => sumTo(g, x.shape)],
  plain: (x: FloatTensor, shape: Shape) => x.broadcastTo(shape),
  bound: 0,
  shapes: () => [[1]],
  examples: [
    [[1.5], [2, 3]],
    [[1.5], [0, 2]],
  ],
});
