/** Take parts of a tensor by positions and ranges, along strides. */
import { inspect } from "node:util";
import { resolvePosition, wholeNumber } from "./arguments";
import { type Layout, readLayout } from "./layout";
import { bracketShape, rowMajorStrides, type Shape } from "./shape";

/**
 * What to take along one axis:
 * - a position, which drops the axis,
 * - `null` for the whole axis, or
 * - `[start, end, step]`, from `start` up to but not including `end`; null or nothing means from or to the end.
 *
 * Negative positions count from the end, and a negative step goes backwards, as in Python.
 */
export type SliceRange =
  | number
  | null
  | readonly [start?: number | null, end?: number | null, step?: number | null];

/**
 * Take a part of a tensor, by one SliceRange for each of its first axes.
 *
 * @throws {TypeError} a range is none, or all are positions, which is what `at` is for
 * @throws {RangeError} more ranges than axes, a position outside its axis, a step of 0, or a bound that is not whole
 */
export function sliceLayout(source: Shape, ranges: readonly SliceRange[]): Layout {
  if (ranges.length > 0 && ranges.every((range) => typeof range === "number"))
    throw positionsOnly(source, ranges);
  return taken("slice", source, ranges);
}

/** Take what stands at positions along the first axes, which are dropped. @throws {RangeError} out of range */
export function atLayout(source: Shape, positions: readonly number[]): Layout {
  if (positions.length === 0)
    throw new RangeError("at takes a position for each of the first axes, such as at(0)");
  for (const position of positions) {
    if (typeof position !== "number") {
      throw new TypeError(
        `at: a position must be a number, got ${inspect(position, { depth: 0 })}; for ranges use slice`,
      );
    }
  }
  return taken("at", source, positions);
}

function positionsOnly(source: Shape, positions: readonly number[]): TypeError {
  const all = positions.join(", ");
  const what = positions.length < source.length ? "part" : "element";
  const [from, to] = positions as [number, number?];
  // What the same call means on an array.
  const rows = to === undefined ? `from ${from} on` : `${from} to ${to - 1}`;
  const isRange = positions.length < 3 && from >= 0 && (to ?? Number.POSITIVE_INFINITY) > from;
  const range = isRange ? `, or slice([${all}]) for rows ${rows}` : "";
  return new TypeError(`slice(${all}) names one ${what}; write at(${all})${range}`);
}

function taken(operation: string, source: Shape, ranges: readonly SliceRange[]): Layout {
  if (ranges.length > source.length) {
    const what = operation === "at" ? "position" : "range";
    throw new RangeError(
      `${operation} takes at most one ${what} for each axis of shape ${bracketShape(source)}, got ${ranges.length}`,
    );
  }
  const rowMajor = rowMajorStrides(source);
  const extents: number[] = [];
  const strides: number[] = [];
  let offset = 0;
  source.forEach((extent, axis) => {
    const range = ranges[axis] ?? [];
    if (typeof range === "number") {
      offset += resolvePosition(operation, range, axis, source) * rowMajor[axis]!;
      return;
    }
    const { start, step, count } = boundsOf(range, extent);
    offset += start * rowMajor[axis]!;
    strides.push(step * rowMajor[axis]!);
    extents.push(count);
  });
  return readLayout(source, { extents, strides, offset });
}

function boundsOf(range: Exclude<SliceRange, number | null>, extent: number) {
  if (!Array.isArray(range) || range.length > 3) {
    throw new TypeError(
      `slice: a range must be a position, null, or [start, end, step], got ${inspect(range, { depth: 0 })}`,
    );
  }
  const [from, to, by] = range as readonly (number | null | undefined)[];
  const step = by ?? 1;
  for (const bound of [from ?? 0, to ?? 0, step]) wholeNumber("slice", "a bound", bound);
  if (step === 0) throw new RangeError("slice: the step must not be 0; use 1, or -1 to go backwards");
  // Going backwards, the place before the first element is a valid bound.
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const clip = (bound: number) => Math.min(high, Math.max(low, bound < 0 ? bound + extent : bound));
  const start = from == null ? (step > 0 ? low : high) : clip(from);
  const end = to == null ? (step > 0 ? high : low) : clip(to);
  return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
}

/** Take the positions from `start` up to, not including, `end` along one axis. */
export function rangeLayout(source: Shape, axis: number, start: number, end: number): Layout {
  const strides = rowMajorStrides(source);
  return readLayout(source, {
    extents: source.map((extent, i) => (i === axis ? end - start : extent)),
    strides,
    offset: start * strides[axis]!,
  });
}
