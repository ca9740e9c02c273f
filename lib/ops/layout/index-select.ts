import { rearrange } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { indexSelectLayout, requireIndexList } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import { defineOp } from "../define";
import { oneHotAlong } from "../one-hot";
import { readIndex } from "../public-integers";
import { selectBy, selectedBack } from "../secret-index";
import * as term from "../term";

/**
 * Take positions along an axis, in any order and as often as they are listed.
 *
 * Of a secret list nobody learns what was taken: `table.indexSelect(0, words)` embeds words. Its positions count from 0 and
 * must be in range: others give elements that mean nothing.
 *
 * @param index - a list of secret or public positions; negative public ones count from the end
 * @returns at the same scale, exact
 * @throws {RangeError} the axis does not exist, or a public position is out of range
 * @throws {TypeError} the index is fixed point
 *
 * @example
 * table.indexSelect(1, [0, 3]) // the first and the fourth column
 */
export const indexSelect = defineOp({
  parameters: { x: "operand", axis: "argument", index: "integer" },
  check: (x, axis, index) => void requireIndexList(x.shape, axis, index.shape),
  forward(x, axis, index) {
    const hot = term.isSecret(index) ? oneHotAlong(index, x.shape, axis) : undefined;
    const publicly = () =>
      rearrange("indexSelect", term.secret(x), indexSelectLayout(x.shape, axis, readIndex(term.open(index))));
    return { result: hot ? selectBy(x, hot, axis) : publicly(), saved: { hot } };
  },
  gradient: (g, { saved: { hot } }, x, axis, index) => [
    () => {
      if (hot) return selectedBack(g, hot, axis, x.shape);
      const layout = indexSelectLayout(x.shape, axis, readIndex(term.open(index)));
      return rearrange("indexSelect", g, transposeOf(layout));
    },
  ],
  plain: (x: FloatTensor, axis: number, index: FloatTensor) => x.indexSelect(axis, index),
  bound: 0,
  integers: [0, 1],
  shapes: () => [[2, 3], [4]],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      1,
      [2, 0, 1, 2],
    ],
    [
      [
        [1, 2.5, 3],
        [4, 5, -6],
      ],
      0,
      [1],
    ],
  ],
});
