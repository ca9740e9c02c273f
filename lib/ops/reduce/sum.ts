import { broadcastTo } from "../../primitives/layout";
import { sumTo } from "../../primitives/reduce";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";

/**
 * Add up all elements.
 *
 * @returns a scalar, at the same scale, exact
 *
 * @example
 * x.mul(y).sum()
 */
export const sum = defineOp({
  forward: (x) => sumTo(x, []),
  gradient: (g, _made, x) => [() => broadcastTo(g, x.shape)],
  plain: (x: FloatTensor) => x.sum(),
  bound: 0,
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [7],
  ],
  mathjs: { sum: true },
});
