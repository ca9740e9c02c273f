import { inspect } from "node:util";
import type { FloatTensor } from "../../tensor/float-tensor";
import type { Shape } from "../../tensor/shape";
import { fromRows, toRows } from "../compare/rows";
import { defineOp } from "../define";
import { asRows, firstColumns, firstOf, firstPlaces, planSort, type SortPlan, sortPlain } from "./places";
import { elementsOf, keysOf, placesOf, sortRows, unsortRows } from "./sorting";

/** Options of `topk`. */
export interface TopkOptions {
  /** Whether to take the greatest elements, or the least. Default: true */
  readonly largest?: boolean;
}

/**
 * Take the k greatest elements along an axis, the greatest first, and tell where they were. Of equal elements the first come
 * first.
 *
 * Keep magnitudes below 2^(61 − b) in units of the last place, for b bits of a position along the axis: 2^51 for 1,024
 * elements. The gradient of each element goes to where it was.
 *
 * @param k - how many
 * @param axis - negative ones count from the last. Default: the last
 * @param options.largest - whether to take the greatest, or the least. Default: true
 * @returns `values` at the same scale, and `indices`, secret integers; exact
 * @throws {RangeError} the axis does not exist, or k is not a whole number from 1 to its size
 *
 * @example
 * const { values, indices } = scores.topk(3)
 */
export const topk = defineOp({
  parameters: { x: "operand", k: "argument", axis: "argument", options: { largest: "argument" } },
  check: (x, k, axis) => void planOf(x.shape, k, axis),
  forward(x, k, axis, { largest = true } = {}) {
    const plan = planOf(x.shape, k, axis);
    const unsorted = keysOf(toRows(x, plan), largest);
    const { rows, levels } = sortRows(unsorted.keys, firstOf(k));
    const keys = { ...unsorted, keys: firstColumns(rows, k) };
    const places = placesOf(keys);
    const result = {
      values: firstPlaces(elementsOf(keys, places, largest), plan),
      indices: firstPlaces(places, plan),
    };
    return { result, saved: { levels } };
  },
  gradient: ({ values: g }, { saved: { levels } }, x, k, axis) => [
    () => {
      if (!g) return undefined;
      const plan = planOf(x.shape, k, axis);
      return fromRows(unsortRows(asRows(g, plan), levels), plan);
    },
  ],
  plain: (x: FloatTensor, k: number, axis?: number, options?: TopkOptions) =>
    sortPlain(x, planOf(x.shape, k, axis), options?.largest ?? true),
  detached: ["indices"],
  bound: 0,
  examples: [
    [
      [
        [3, 2.5, 3],
        [4, 5, -6],
      ],
      1,
    ],
    [
      [
        [1, 2.5, 3],
        [3, -1, 3],
        [0, 0, 0],
      ],
      2,
    ],
    [[1, 0.5, 1, -2, 8], 3, 0, { largest: false }],
  ],
  shapes: (m, _, n) => [[m + 2, n + 2]],
});

function planOf(shape: Shape, k: number, axis?: number): SortPlan {
  const { length } = planSort("topk", shape, axis);
  if (!Number.isInteger(k) || k < 1 || k > length)
    throw new RangeError(
      `topk: k must be a whole number from 1 to ${length}, the size of the axis, got ${inspect(k)}`,
    );
  return planSort("topk", shape, axis, k);
}
