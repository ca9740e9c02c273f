import { rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { rollLayout } from "../../tensor/views";
import { defineOp } from "../define";

/**
 * Shift elements along axes, those that fall off at one end to the other.
 *
 * @param shift - by how many places; a list for several axes
 * @param axes - Default: all elements in order, as if there were one axis
 * @returns at the same scale, exact
 * @throws {RangeError} an axis does not exist, or shifts and axes differ in number
 *
 * @example
 * series.roll(1, 0)
 */
export const roll = defineOp({
  parameters: { x: "operand", shift: "argument", axes: "argument" },
  hint: "for two axes write roll([1, 2], [0, 1])",
  forward: (x, shift, axes) => rearrange("roll", x, rollLayout(x.shape, shift, axes)),
  gradient: (g, _made, x, shift, axes) => [
    () => {
      const back = typeof shift === "number" ? -shift : shift.map((by) => -by);
      return rearrange("roll", g, rollLayout(x.shape, back, axes));
    },
  ],
  plain: (x: FloatTensor, shift: number | readonly number[], axes?: number | readonly number[]) =>
    x.roll(shift, axes),
  bound: 0,
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
      [1, -4],
      [0, 1],
    ],
  ],
});
