import { rearrange, scatterAdd as scatter } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { requireScatterShapes, scatterLayout } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import { defineOp } from "../define";
import { oneHotAlong } from "../one-hot";
import { readIndex } from "../public-integers";
import { gatherBy, scatterBy, under } from "../secret-index";
import * as term from "../term";

/**
 * Add the elements of a source at positions along an axis, each at its own place along all others, as PyTorch does.
 *
 * Of a secret index nobody learns where the elements went. Its positions count from 0 and must be in range: others add
 * elements at places that mean nothing.
 *
 * @param index - for each element of the source, its position along the axis, secret or public; it may be smaller than the
 *   source
 * @param source - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the axis does not exist, a public position is out of range, or the index is larger than the source
 * @throws {TypeError} the index is fixed point
 *
 * @example
 * iface.lift(FloatTensor.zeros(3)).scatterAdd(0, groups, spent) // a sum for each of three groups
 */
export const scatterAdd = defineOp({
  parameters: { x: "operand", axis: "argument", index: "integer", source: "operand" },
  check: (x, axis, index, source) => void requireScatterShapes(x.shape, axis, index.shape, source.shape),
  forward(x, axis, index, source) {
    const hot = term.isSecret(index) ? oneHotAlong(index, x.shape, axis) : undefined;
    const secretly = (rows: SharedTensor) => term.add(scatterBy(source, rows, axis, x.shape), x);
    const publicly = () =>
      scatter(x, source, scatterLayout(x.shape, axis, readIndex(term.open(index)), source.shape));
    return { result: hot ? secretly(hot) : publicly(), saved: { hot } };
  },
  gradient: (g, { saved: { hot } }, x, axis, index, source) => [
    () => g,
    undefined,
    () => {
      if (hot) {
        const part = gatherBy(g, hot, axis);
        return rearrange("scatterAdd", part, transposeOf(under(source.shape, part.shape)));
      }
      const layout = scatterLayout(x.shape, axis, readIndex(term.open(index)), source.shape);
      return rearrange("scatterAdd", g, transposeOf(layout));
    },
  ],
  plain: (x: FloatTensor, axis: number, index: FloatTensor, source: FloatTensor) =>
    x.scatterAdd(axis, index, source),
  bound: 0,
  integers: [0, 1],
  shapes: () => [
    [2, 3],
    [1, 2],
    [2, 2],
  ],
  examples: [
    [[[0, 1.5, 0]], 1, [[0, 2, 0]], [[1.25, 2, -3]]],
    [
      [[1.5, 2]],
      1,
      [[1]],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
});
