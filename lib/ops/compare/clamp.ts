import { combine, negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { clampBetween } from "../approximate/clamp-to";
import { addConstant } from "../constant";
import { defineOp } from "../define";

/**
 * Bring every element into a range: the bound where it lies beyond one, else itself.
 *
 * Bounds are rounded to the session's precision. The gradient passes at the bounds.
 *
 * @param min - a number, or null for no bound
 * @param max - likewise. Default: `null`.
 * @returns at the finer scale of x and the bounds, within half a unit in the last place
 * @throws {TypeError} a bound is not a number or null
 * @throws {RangeError} `min` is greater than `max`
 *
 * @example
 * x.clamp(-1, 1)
 * x.clamp(null, 4)
 */
export const clamp = defineOp({
  parameters: { x: "operand", min: "argument", max: "argument" },
  check(_, min, max = null) {
    for (const [name, bound] of Object.entries({ min, max }))
      if (bound !== null && !Number.isFinite(bound))
        throw new TypeError(`clamp: ${name} must be a number or null, got ${String(bound)}`);
    if (min !== null && max !== null && min > max)
      throw new RangeError(`clamp: min must not be greater than max, got ${min} and ${max}`);
  },
  forward(x: SharedTensor, min: number | null, max: number | null = null) {
    const { result, outside } = clampBetween(x, min, max);
    return { result, saved: { outside } };
  },
  gradient: (g, { saved: { outside } }) => [
    () => {
      if (outside.length === 0) return g;
      const out = outside.reduce((sum, part) => combine("add", sum, part));
      return times(g, addConstant(negate(out), 1));
    },
  ],
  plain: (x: FloatTensor, min: number | null, max: number | null = null) =>
    x.map((element) => Math.min(Math.max(element, min ?? element), max ?? Number.POSITIVE_INFINITY)),
  bound: 0.5,
  examples: [
    [[-1.5, 0, 0.25, 4096], -1, 1],
    [[-1.5, 0, 0.25], null, 0.25],
    [[-1.5, 0, 0.25], 0.1],
  ],
});
