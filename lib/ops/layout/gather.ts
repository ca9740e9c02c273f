import { rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { gatherLayout, requireIndexShape } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import { defineOp } from "../define";
import { oneHotAlong } from "../one-hot";
import { readIndex } from "../public-integers";
import { gatherBy, scatterBy } from "../secret-index";
import * as term from "../term";

/**
 * Take, for each element of an index, the element at that position along the axis and at the index's own place along all
 * others, as PyTorch does.
 *
 * Of a secret index nobody learns which elements were taken. Its positions count from 0 and must be in range: others give
 * elements that mean nothing.
 *
 * @param index - secret or public positions, in as many axes as this has, and at most as long along the other axes
 * @returns in the shape of the index, at the same scale, exact
 * @throws {RangeError} the axis does not exist, a public position is out of range, or the index has another number of axes
 * @throws {TypeError} the index is fixed point
 *
 * @example
 * scores.gather(1, [[2], [0]]) // the third score of the first row, the first of the second
 */
export const gather = defineOp({
  parameters: { x: "operand", axis: "argument", index: "integer" },
  check: (x, axis, index) => void requireIndexShape("gather", x.shape, axis, index.shape),
  forward(x, axis, index) {
    const hot = term.isSecret(index) ? oneHotAlong(index, x.shape, axis) : undefined;
    const publicly = () =>
      rearrange("gather", term.secret(x), gatherLayout(x.shape, axis, readIndex(term.open(index))));
    return { result: hot ? gatherBy(x, hot, axis) : publicly(), saved: { hot } };
  },
  gradient: (g, { saved: { hot } }, x, axis, index) => [
    () => {
      if (hot) return scatterBy(g, hot, axis, x.shape);
      const positions = readIndex(term.open(index));
      return rearrange("gather", g, transposeOf(gatherLayout(x.shape, axis, positions)));
    },
  ],
  plain: (x: FloatTensor, axis: number, index: FloatTensor) => x.gather(axis, index),
  bound: 0,
  integers: [0, 1],
  shapes: () => [
    [2, 3],
    [2, 2],
  ],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
      [
        [2, 0],
        [1, 1],
      ],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
      [[1, 0]],
    ],
  ],
});
