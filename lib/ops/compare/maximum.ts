import { combine } from "../../primitives/add";
import { selectPositive } from "../../primitives/compare";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";
import { zip } from "../zip";
import { gradientOfChosen } from "./ties";

/**
 * Return the greater of two values, element by element.
 *
 * Their difference must be below 2^63 in units of the last place: it is if both are below 2^62. Equal elements get half of
 * the gradient each.
 *
 * @param other - a secret or a public value; shapes broadcast as in NumPy
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the shapes cannot be broadcast
 *
 * @example
 * x.maximum(y)
 * x.maximum(0)
 */
export const maximum = defineOp({
  parameters: { x: "operand", other: "operand" },
  forward(x, other) {
    const difference = term.sub(x, other);
    // 1 where x is the greater.
    const { chosen, product: more } = selectPositive(difference, difference);
    return { result: term.add(other, more), saved: { difference, chosen } };
  },
  gradient: (g, { saved: { difference, chosen } }) => {
    let ofX: SharedTensor | undefined;
    const toX = () => {
      ofX ??= gradientOfChosen(g, difference, chosen);
      return ofX;
    };
    return [toX, () => combine("sub", g, toX())];
  },
  plain: (x: FloatTensor, other: FloatTensor) => zip(x, other, Math.max),
  bound: 0,
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[1.5, -3]],
    ],
    [[-1, 0, 1], 0.5],
    [0, [-1.25, 0, 1]],
  ],
});
