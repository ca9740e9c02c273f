/**
 * A Layout says where the elements of a rearranged tensor come from: a shape, and for each element its position in the
 * source, for `gather`. Every layout operation is one, for plain tensors and for shares alike.
 */
import {
  type Axes,
  bracketShape,
  broadcastIndices,
  checkBroadcast,
  checkShape,
  resolveAxes,
  resolveAxis,
  rowMajorStrides,
  type Shape,
  sizeOf,
  stridedIndices,
} from "./shape";

export interface Layout {
  /** The shape of the result. */
  readonly shape: Shape;
  /** For each element of the result, its position in the source. */
  readonly indices: Int32Array;
  /**
   * Number of elements in the source. The source is the operand; for `concatLayout`, all operands one after another;
   * for `padLayout`, the operand and then the one element to pad with. `ring.scatterAdd(gradient, indices, source)` is
   * the gradient.
   */
  readonly source: number;
}

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
 * How many elements to add before and after each axis: one number for all ends; or for each axis a number for both
 * ends, or a pair `[before, after]`.
 */
export type PadWidths = number | readonly (number | readonly [before: number, after: number])[];

/**
 * Take a part of a tensor, by one SliceRange for each of its first axes.
 *
 * @throws {RangeError} more ranges than axes, a position outside its axis, a step of 0, or a non-integer bound
 */
export function sliceLayout(shape: Shape, ranges: readonly SliceRange[]): Layout {
  if (ranges.length > shape.length)
    throw new RangeError(
      `slice takes at most one range for each axis, got ${ranges.length} ranges for a tensor of shape ${bracketShape(shape)}`,
    );
  const strides = rowMajorStrides(shape);
  const result: number[] = [];
  const steps: number[] = [];
  let offset = 0;
  shape.forEach((extent, axis) => {
    const range = ranges[axis] ?? [];
    if (typeof range === "number") {
      offset += position(range, axis, shape) * strides[axis]!;
      return;
    }
    const { start, step, count } = walkOf(range, extent);
    offset += start * strides[axis]!;
    steps.push(step * strides[axis]!);
    result.push(count);
  });
  return { shape: checkShape(result), indices: stridedIndices(result, steps, offset), source: sizeOf(shape) };
}

/**
 * Reorder the axes: axis i of the result is axis `order[i]` of the source.
 *
 * @throws {RangeError} `order` does not name every axis once
 */
export function permuteLayout(shape: Shape, order: readonly number[]): Layout {
  const axes = order.map((axis) => resolveAxis("permute", axis, shape));
  if (axes.length !== shape.length || new Set(axes).size !== axes.length) {
    throw new RangeError(
      `permute must name every axis of a tensor of shape ${bracketShape(shape)} once, got [${order}]`,
    );
  }
  const strides = rowMajorStrides(shape);
  const result = checkShape(axes.map((axis) => shape[axis]!));
  const indices = stridedIndices(
    result,
    axes.map((axis) => strides[axis]!),
  );
  return { shape: result, indices, source: sizeOf(shape) };
}

/** @throws {RangeError} the shape does not broadcast to the other; the message names both */
export function broadcastLayout(from: Shape, to: Shape): Layout {
  const shape = checkBroadcast(from, to);
  return { shape, indices: broadcastIndices(from, shape), source: sizeOf(from) };
}

/**
 * Join tensors along an existing axis.
 *
 * @throws {RangeError} there are no tensors, the axis does not exist, or shapes differ along another axis
 */
export function concatLayout(shapes: readonly Shape[], axis: number): Layout {
  const first = firstOf(shapes);
  const along = resolveAxis("concat", axis, first);
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((extent, i) => i !== along && extent !== first[i])) {
      throw new RangeError(
        `shapes ${bracketShape(first)} and ${bracketShape(shape)} do not line up along axis ${axis}`,
      );
    }
  }
  const extent = shapes.reduce((total, shape) => total + shape[along]!, 0);
  const shape = checkShape(first.map((other, i) => (i === along ? extent : other)));
  const indices = new Int32Array(sizeOf(shape));
  const rows = sizeOf(first.slice(0, along));
  let column = 0;
  let source = 0;
  for (const part of shapes) {
    const block = sizeOf(part.slice(along));
    const width = sizeOf(shape.slice(along));
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < block; i++) indices[row * width + column + i] = source++;
    }
    column += block;
  }
  return { shape, indices, source };
}

/**
 * Stack tensors of equal shape along a new axis.
 *
 * @throws {RangeError} there are no tensors, shapes differ, or the axis does not exist
 */
export function stackLayout(shapes: readonly Shape[], axis: number): Layout {
  const first = firstOf(shapes);
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((extent, i) => extent !== first[i])) {
      throw new RangeError(
        `shapes ${bracketShape(first)} and ${bracketShape(shape)} differ, so they do not stack`,
      );
    }
  }
  return concatLayout(
    shapes.map((shape) => unsqueezedShape(shape, axis)),
    axis,
  );
}

/**
 * Add elements before and after each axis. In the source, the element to pad with follows the operand's elements.
 *
 * @throws {RangeError} the number of widths differs from the number of axes, or a width is not a non-negative integer
 */
export function padLayout(shape: Shape, widths: PadWidths): Layout {
  const pairs = padPairs(shape, widths);
  const result = checkShape(shape.map((extent, axis) => pairs[axis]![0] + extent + pairs[axis]![1]));
  const strides = rowMajorStrides(result);
  const corner = pairs.reduce((offset, [before], axis) => offset + before * strides[axis]!, 0);
  const size = sizeOf(shape);
  const indices = new Int32Array(sizeOf(result)).fill(size);
  stridedIndices(shape, strides, corner).forEach((place, i) => {
    indices[place] = i;
  });
  return { shape: result, indices, source: size + 1 };
}

/** Where each element of a tensor goes in a sum over some axes. */
export interface Reduction {
  readonly shape: Shape;
  /** For each element of the tensor, the element of the sum that it is added to, for `ring.scatterAdd`. */
  readonly indices: Int32Array;
  /** How many elements of the tensor are added up for each element of the sum. */
  readonly count: number;
}

/**
 * Plan a sum over axes.
 *
 * @param keepDims - keep the summed axes, with size 1
 * @param operation - its name, for errors
 * @throws {RangeError} an axis does not exist or is named twice
 */
export function reduction(shape: Shape, axes: Axes, keepDims = false, operation = "sum"): Reduction {
  const gone = new Set(resolveAxes(operation, axes, shape));
  const kept = shape.map((extent, axis) => (gone.has(axis) ? 1 : extent));
  return {
    shape: checkShape(keepDims ? kept : shape.filter((_, axis) => !gone.has(axis))),
    indices: broadcastIndices(kept, shape),
    count: sizeOf(shape.filter((_, axis) => gone.has(axis))),
  };
}

/** Insert an axis of size 1 before the axis now at that place. */
export function unsqueezedShape(shape: Shape, axis: number): Shape {
  const result = [...shape];
  result.splice(resolveAxis("unsqueeze", axis, [...shape, 1]), 0, 1);
  return result;
}

/** @throws {RangeError} the size of the axis is not 1 */
export function squeezedShape(shape: Shape, axis: number | undefined): Shape {
  if (axis === undefined) return shape.filter((extent) => extent !== 1);
  const gone = resolveAxis("squeeze", axis, shape);
  if (shape[gone] !== 1)
    throw new RangeError(
      `squeeze needs an axis of size 1, got axis ${axis} of a tensor of shape ${bracketShape(shape)}`,
    );
  return shape.filter((_, i) => i !== gone);
}

function firstOf(shapes: readonly Shape[]): Shape {
  const first = shapes[0];
  if (first === undefined) throw new RangeError("concat and stack need at least one tensor");
  return first;
}

function position(index: number, axis: number, shape: Shape): number {
  const extent = shape[axis]!;
  const resolved = index < 0 ? index + extent : index;
  if (!Number.isInteger(index) || resolved < 0 || resolved >= extent) {
    throw new RangeError(
      `position ${index} lies outside axis ${axis} of a tensor of shape ${bracketShape(shape)}`,
    );
  }
  return resolved;
}

function walkOf([from, to, by]: Exclude<SliceRange, number | null>, extent: number) {
  const step = by ?? 1;
  if (step === 0) throw new RangeError("the step of a slice must not be 0");
  for (const bound of [from ?? 0, to ?? 0, step]) {
    if (!Number.isInteger(bound)) throw new RangeError(`slice bounds must be integers, got ${bound}`);
  }
  // Going backwards, the place before the first element is a valid bound.
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const clip = (bound: number) => Math.min(high, Math.max(low, bound < 0 ? bound + extent : bound));
  const start = from == null ? (step > 0 ? low : high) : clip(from);
  const end = to == null ? (step > 0 ? high : low) : clip(to);
  return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
}

function padPairs(shape: Shape, widths: PadWidths): (readonly [number, number])[] {
  const list = typeof widths === "number" ? shape.map(() => widths) : widths;
  if (list.length !== shape.length) {
    throw new RangeError(
      `pad takes one width for each axis, got ${list.length} widths for a tensor of shape ${bracketShape(shape)}`,
    );
  }
  return list.map((width) => {
    const pair = typeof width === "number" ? ([width, width] as const) : width;
    if (pair.length !== 2 || pair.some((count) => !Number.isInteger(count) || count < 0))
      throw new RangeError(`pad widths must be pairs of non-negative integers, got [${pair}]`);
    return pair;
  });
}
