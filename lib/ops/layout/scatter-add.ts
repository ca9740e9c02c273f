import { rearrange, scatterAdd as scatter } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { type IndexInput, scatterLayout } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import { defineOp } from "../define";

/**
 * Add the elements of a source at public positions along an axis, each at its own place along all others, as PyTorch does.
 *
 * @param index - for each element of the source, its position along the axis; it may be smaller than the source
 * @param source - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the axis does not exist, a position is out of range, or the index is larger than the source
 * @throws {TypeError} the index is secret, or does not hold numbers
 *
 * @example
 * iface.lift(FloatTensor.zeros(3)).scatterAdd(0, groups, spent) // a sum for each of three groups
 */
export const scatterAdd = defineOp({
  parameters: { x: "operand", axis: "argument", index: "argument", source: "operand" },
  forward: (x, axis, index, source) => scatter(x, source, scatterLayout(x.shape, axis, index, source.shape)),
  gradient: (g, _made, x, axis, index, source) => [
    () => g,
    () => rearrange("scatterAdd", g, transposeOf(scatterLayout(x.shape, axis, index, source.shape))),
  ],
  plain: (x: FloatTensor, axis: number, index: IndexInput, source: FloatTensor) =>
    x.scatterAdd(axis, index, source),
  bound: 0,
  examples: [
    [[[0, 1.5, 0]], 1, [[0, 2, 0]], [[1.25, 2, -3]]],
    [
      [[1.5, 2]],
      1,
      [[-1]],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
});
