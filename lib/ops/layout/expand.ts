import { rearrange } from "../../primitives/layout";
import { sumTo } from "../../primitives/reduce";
import { numbersOf, type ShapeArgs } from "../../tensor/arguments";
import type { FloatTensor } from "../../tensor/float-tensor";
import { expandLayout } from "../../tensor/views";
import { defineOp } from "../define";

/**
 * Broadcast to sizes; -1 keeps that of its axis.
 *
 * `sizes`: for each axis of the result, as numbers or as one list
 *
 * @returns at the same scale, exact
 * @throws {RangeError} the shape cannot be broadcast to those sizes
 *
 * @example
 * means.expand(100, -1)
 */
export const expand = defineOp({
  parameters: { x: "operand", sizes: "arguments" },
  forward: (x, ...sizes: ShapeArgs) =>
    rearrange("expand", x, expandLayout(x.shape, numbersOf("expand", sizes))),
  gradient: (g, _made, x) => [() => sumTo(g, x.shape)],
  plain: (x: FloatTensor, ...sizes: ShapeArgs) => x.expand(...sizes),
  bound: 0,
  shapes: (m) => [[1, m]],
  examples: [
    [[[1.5, 2]], 3, -1],
    [[[1.5, 2]], [2, 3, -1]],
  ],
});
