/** Sums over axes, as a few sums over the middle axis of three: no index for each element. */

import { unknownOption } from "../text/options";
import { wholeNumber } from "./arguments";
import { type Axes, checkShape, resolveAxes, resolveAxis, type Shape, sizeOf } from "./shape";

export interface ReduceOptions {
  /** Keep the axes that are reduced, with size 1. Default: false */
  readonly keepdim?: boolean;
}

export interface SpreadOptions extends ReduceOptions {
  /** What to take off the number of elements before dividing by it. Default: 1 */
  readonly correction?: number;
}

/** The options of FloatTensor and LongTensor, which take the old name too. */
export interface OldReduceOptions extends ReduceOptions {
  /** @deprecated Write `keepdim`. */
  readonly keepDims?: boolean;
}

/** A sum over, or along, the middle axis of outer×axis×inner elements. */
export interface AxisSum {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

export interface Reduction {
  /** The shape of the result. */
  readonly shape: Shape;
  /** The shape with size 1 along the axes that are reduced. */
  readonly kept: Shape;
  /** How many elements go into each element of the result. */
  readonly count: number;
  /** The axes that are reduced, counted from 0, in order. */
  readonly axes: readonly number[];
  /** The sums to take, one after another. */
  readonly sums: readonly AxisSum[];
}

/** What adds up along an axis: a ring, or the loops over doubles. */
export interface Adder<V> {
  sumAxis(x: V, outer: number, axis: number, inner: number): V;
  cumulateAxis(x: V, outer: number, axis: number, inner: number): V;
}

/** The three axes of outer×axis×inner elements around one axis of a shape. */
export function around(operation: string, axis: number, shape: Shape): AxisSum {
  const at = resolveAxis(operation, axis, shape);
  return { outer: sizeOf(shape.slice(0, at)), axis: shape[at]!, inner: sizeOf(shape.slice(at + 1)) };
}

/**
 * Plan a reduction.
 *
 * @param operation - its name, for errors
 * @param axes - null or undefined for all, an empty list for none
 * @throws {TypeError} an axis is not a number
 * @throws {RangeError} the shape has no such axis, or an axis is named twice
 */
export function planReduction(
  operation: string,
  shape: Shape,
  axes?: Axes,
  { keepdim = false }: ReduceOptions = {},
): Reduction {
  const gone = new Set(resolveAxes(operation, axes, shape));
  const kept = shape.map((extent, axis) => (gone.has(axis) ? 1 : extent));
  return {
    shape: checkShape(keepdim ? kept : shape.filter((_, axis) => !gone.has(axis))),
    kept: checkShape(kept),
    count: sizeOf(shape.filter((_, axis) => gone.has(axis))),
    axes: [...gone].sort((a, b) => a - b),
    sums: sumsOf(shape, gone),
  };
}

/** Add up the elements of a tensor; return x itself if there is nothing to add up. */
export function addUp<V>(on: Adder<V>, x: V, { sums }: Reduction): V {
  return sums.reduce((all, { outer, axis, inner }) => on.sumAxis(all, outer, axis, inner), x);
}

/** Plan one sum for each run of neighbouring axes, the last run first. */
function sumsOf(shape: Shape, gone: ReadonlySet<number>): AxisSum[] {
  const sums: AxisSum[] = [];
  let inner = 1;
  for (let end = shape.length; end > 0; ) {
    const isGone = gone.has(end - 1);
    let start = end - 1;
    while (start > 0 && gone.has(start - 1) === isGone) start--;
    const axis = sizeOf(shape.slice(start, end));
    if (!isGone) inner *= axis;
    else if (axis !== 1) sums.push({ outer: sizeOf(shape.slice(0, start)), axis, inner });
    end = start;
  }
  return sums;
}

/**
 * Read the arguments of a reduction, also from JavaScript.
 *
 * @param known - its options. `keepDims`, the old name, is taken too.
 * @throws {TypeError} an unknown option, or more arguments than axes and options
 */
export function readReduction(
  operation: string,
  given: readonly unknown[],
  known: readonly string[] = ["keepdim"],
): { readonly axes: Axes | undefined } & SpreadOptions {
  const [axes, options = {}] = given as [Axes | undefined, unknown];
  if (given.length > 2 || typeof options !== "object" || options === null)
    throw new TypeError(`${operation} takes axes and options; for two axes write ${operation}([0, 1])`);
  const { keepDims, ...rest } = options as SpreadOptions & { readonly keepDims?: boolean };
  const unknown = Object.keys(rest).find((option) => !known.includes(option));
  if (unknown !== undefined) throw new TypeError(unknownOption(operation, unknown, known));
  return { axes, ...(keepDims !== undefined && { keepdim: keepDims }), ...rest };
}

/**
 * Plan a variance.
 *
 * @returns also what to divide the sum of squares by
 * @throws {TypeError | RangeError} as `planReduction`, or the correction leaves nothing to divide by
 */
export function planVariance(
  shape: Shape,
  axes: Axes | undefined,
  { correction = 1, keepdim = false }: SpreadOptions = {},
): Reduction & { readonly divisor: number } {
  const plan = planReduction("variance", shape, axes, { keepdim });
  const divisor = plan.count - wholeNumber("variance", "correction", correction, 0);
  if (divisor > 0) return { ...plan, divisor };
  throw new RangeError(
    `variance: ${plan.count} elements less a correction of ${correction} leave nothing to divide by; for the variance ` +
      "over n pass { correction: 0 }",
  );
}
