import { inspect } from "node:util";
import { publicTensor } from "../../autograd/operand";
import { addPublic } from "../../primitives/add";
import { requireRoom } from "../../primitives/align";
import { rearrange } from "../../primitives/layout";
import { FloatTensor } from "../../tensor/float-tensor";
import { transposeOf } from "../../tensor/layout";
import { type PadWidths, padLayout } from "../../tensor/views";
import { defineOp } from "../define";

/**
 * Add elements before and after each axis.
 *
 * @param widths - one number for all ends; or for each axis a number for both ends, or a pair `[before, after]`
 * @param value - the public value of the new elements. Default: 0
 * @returns at the same scale, or the session's precision if the value is not a whole number; exact
 * @throws {RangeError} the number of widths differs from the number of axes, a width is not a whole number from 0, or the
 *   value is too large
 *
 * @example
 * image.pad(2)
 * x.pad([[0, 1], 0]) // one more row
 */
export const pad = defineOp({
  parameters: { x: "operand", widths: "argument", value: "argument" },
  hint: "write the widths as one list: pad([[0, 1], 0])",
  check: (_x, _widths, value = 0) => {
    if (typeof value !== "number")
      throw new TypeError(`pad: the value must be a public number, got ${inspect(value, { depth: 0 })}`);
    if (!Number.isFinite(value)) throw new RangeError(`pad: the value must be finite, got ${value}`);
  },
  forward: (x, widths, value = 0) => {
    const layout = padLayout(x.shape, widths);
    if (value === 0) return rearrange("pad", x, layout);
    const border = publicTensor(FloatTensor.zeros(x.shape).pad(widths, value), x.iface.precision, "pad");
    requireRoom(border, Math.max(x.fracBits, border.fracBits) - border.fracBits);
    return addPublic(rearrange("pad", x, layout), border);
  },
  gradient: (g, _made, x, widths) => [() => rearrange("pad", g, transposeOf(padLayout(x.shape, widths)))],
  plain: (x: FloatTensor, widths: PadWidths, value?: number) => x.pad(widths, value),
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
      [[1, 0], 2],
      -1.5,
    ],
  ],
});
