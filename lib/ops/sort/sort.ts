import type { FloatTensor } from "../../tensor/float-tensor";
import { fromRows, toRows } from "../compare/rows";
import { defineOp } from "../define";
import { asRows, firstPlaces, planSort, sortPlain } from "./places";
import { elementsOf, keysOf, placesOf, sortRows, unsortRows } from "./sorting";

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Whether the greatest comes first. Default: false */
  readonly descending?: boolean;
}

/**
 * Sort along an axis, and tell where each element was. Of equal elements the first stays first, either way.
 *
 * Nobody learns in which order the elements were. Keep magnitudes below 2^(61 − b) in units of the last place, for b bits of a position along the axis: 2^51 for 1,024
 * elements. The gradient of each element goes to where it was.
 *
 * @param axis - negative ones count from the last. Default: the last
 * @param options.descending - whether the greatest comes first. Default: false
 * @returns `values` at the same scale, and `indices`, secret integers; exact
 * @throws {RangeError} the axis does not exist or has no elements
 *
 * @example
 * const { values, indices } = bids.sort(0, { descending: true })
 */
export const sort = defineOp({
  parameters: { x: "operand", axis: "argument", options: { descending: "argument" } },
  check: (x, axis) => void planSort("sort", x.shape, axis),
  forward(x, axis, { descending = false } = {}) {
    const plan = planSort("sort", x.shape, axis);
    const unsorted = keysOf(toRows(x, plan), descending);
    const { rows, levels } = sortRows(unsorted.keys);
    const keys = { ...unsorted, keys: rows };
    const places = placesOf(keys);
    const result = {
      values: firstPlaces(elementsOf(keys, places, descending), plan),
      indices: firstPlaces(places, plan),
    };
    return { result, saved: { levels } };
  },
  gradient: ({ values: g }, { saved: { levels } }, x, axis) => [
    () => {
      if (!g) return undefined;
      const plan = planSort("sort", x.shape, axis);
      return fromRows(unsortRows(asRows(g, plan), levels), plan);
    },
  ],
  plain: (x: FloatTensor, axis?: number, options?: SortOptions) =>
    sortPlain(x, planSort("sort", x.shape, axis), options?.descending ?? false),
  detached: ["indices"],
  bound: 0,
  examples: [
    [
      [
        [3, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [
      [
        [1, 2.5, 3],
        [3, -1, 3],
      ],
      0,
      { descending: true },
    ],
    [[1, 0.5, 1, 0.5, -4096], 0, { descending: true }],
    [[7]],
  ],
});
