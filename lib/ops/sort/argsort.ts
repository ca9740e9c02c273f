import type { FloatTensor } from "../../tensor/float-tensor";
import { toRows } from "../compare/rows";
import { defineOp } from "../define";
import { firstPlaces, planSort, sortPlain } from "./places";
import type { SortOptions } from "./sort";
import { keysOf, placesOf, sortRows } from "./sorting";

/**
 * Tell where each element of the sorted tensor is, along an axis. Of equal elements the first stays first, either way.
 *
 * Keep magnitudes below 2^(61 − b) in units of the last place, for b bits of a position along the axis: 2^51 for 1,024
 * elements.
 *
 * @param axis - negative ones count from the last. Default: the last
 * @param options.descending - whether the greatest comes first. Default: false
 * @returns secret integers, exact
 * @throws {RangeError} the axis does not exist or has no elements
 *
 * @example
 * scores.argsort(-1, { descending: true })
 */
export const argsort = defineOp({
  parameters: { x: "operand", axis: "argument", options: { descending: "argument" } },
  check: (x, axis) => void planSort("argsort", x.shape, axis),
  forward(x, axis, { descending = false } = {}) {
    const plan = planSort("argsort", x.shape, axis);
    const unsorted = keysOf(toRows(x, plan), descending);
    const { rows } = sortRows(unsorted.keys);
    return firstPlaces(placesOf({ ...unsorted, keys: rows }), plan);
  },
  plain: (x: FloatTensor, axis?: number, options?: SortOptions) =>
    sortPlain(x, planSort("argsort", x.shape, axis), options?.descending ?? false).indices,
  bound: 0,
  examples: [
    [
      [
        [3, 2.5, 3],
        [4, 5, -6],
      ],
    ],
    [[1, 0.5, 1], 0, { descending: true }],
  ],
});
