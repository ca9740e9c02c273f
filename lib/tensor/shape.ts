/** Shapes and their rules: sizes, broadcasting and transposition, as index maps over row-major storage. */
import { inspect } from "node:util";

/** Sizes along each axis; empty for a scalar. */
export type Shape = readonly number[];

/** Number of elements in a tensor of that shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** `2x3`, or `scalar`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? "scalar" : shape.join("x");
}

/** `[2,3]`, as messages write shapes. */
export function bracketShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** @throws {RangeError} a size is not a non-negative integer, or there are more than 2^31 − 1 elements */
export function checkShape(shape: Shape): Shape {
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0)
      throw new RangeError(`size must be a non-negative integer, got ${extent} in shape [${shape}]`);
  }
  if (sizeOf(shape) > 0x7fffffff)
    throw new RangeError(`a tensor must have fewer than 2^31 elements, got shape ${bracketShape(shape)}`);
  return Object.freeze([...shape]);
}

/**
 * The shape of an element-wise result, by NumPy's rule: match axes from the last, and repeat axes of size 1.
 *
 * @param operation - its name, for errors
 * @throws {RangeError} the shapes do not match; the message names both
 */
export function broadcastShapes(a: Shape, b: Shape, operation?: string): Shape {
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, i) => {
    const x = a[i - (rank - a.length)] ?? 1;
    const y = b[i - (rank - b.length)] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      const by = operation === undefined ? "" : `${operation}: `;
      throw new RangeError(`${by}shapes ${bracketShape(a)} and ${bracketShape(b)} cannot be broadcast`);
    }
    return x === 1 ? y : x;
  });
  return checkShape(shape);
}

/**
 * Convert an axis that may count from the end to one that counts from 0.
 *
 * @param operation - its name, for errors
 * @throws {TypeError} the axis is not a number
 * @throws {RangeError} the shape has no such axis
 */
export function resolveAxis(operation: string, axis: number, shape: Shape): number {
  if (typeof axis !== "number")
    throw new TypeError(`${operation}: an axis must be a number, got ${inspect(axis, { depth: 0 })}`);
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < shape.length) return resolved;
  const range =
    shape.length > 0 ? `use ${-shape.length} to ${shape.length - 1}` : "a single number has no axes";
  throw new RangeError(
    `${operation}: axis ${axis} is out of range for shape ${bracketShape(shape)}; ${range}`,
  );
}

/** Axes of an operation: one or several (negative ones count from the last), or null for all. */
export type Axes = number | readonly number[] | null;

/**
 * Convert axes to those that count from 0, in the order given; null or undefined means all, an empty list none.
 *
 * @param operation - its name, for errors
 * @throws {TypeError} an axis is not a number
 * @throws {RangeError} the shape has no such axis, or an axis is named twice
 */
export function resolveAxes(operation: string, axes: Axes | undefined, shape: Shape): number[] {
  if (axes === null || axes === undefined) return shape.map((_, axis) => axis);
  const list = Array.isArray(axes) ? (axes as readonly number[]) : [axes as number];
  const resolved = list.map((axis) => resolveAxis(operation, axis, shape));
  if (new Set(resolved).size !== resolved.length)
    throw new RangeError(`${operation}: axes [${list}] of shape ${bracketShape(shape)} name one axis twice`);
  return resolved;
}

/**
 * The new shape for all elements of another; one size may be −1, to be inferred.
 *
 * @throws {RangeError} the number of elements differs; the message names both shapes
 */
export function reshapedShape(from: Shape, to: Shape): Shape {
  const open = to.indexOf(-1);
  const size = sizeOf(from);
  const rest = to.filter((_, axis) => axis !== open);
  checkShape(rest);
  const missing = size / sizeOf(rest);
  if (open < 0 ? size !== sizeOf(rest) : !Number.isInteger(missing)) {
    throw new RangeError(
      `the ${size} elements of a tensor of shape ${bracketShape(from)} do not fill shape ${bracketShape(to)}`,
    );
  }
  return checkShape(to.map((extent, axis) => (axis === open ? missing : extent)));
}

/**
 * Check that one shape broadcasts to exactly the other.
 *
 * @throws {RangeError} it does not; the message names both shapes
 */
export function checkBroadcast(from: Shape, to: Shape): Shape {
  const target = checkShape(to);
  const reaches =
    from.length <= to.length &&
    from.every((extent, i) => extent === 1 || extent === to[to.length - from.length + i]);
  if (!reaches)
    throw new RangeError(
      `a tensor of shape ${bracketShape(from)} does not broadcast to ${bracketShape(target)}`,
    );
  return target;
}

/** For each element of `to`, its position in a tensor of shape `from` that broadcasts to it. */
export function broadcastIndices(from: Shape, to: Shape): Int32Array {
  const strides = rowMajorStrides(from);
  const offset = to.length - from.length;
  const steps = to.map((_, axis) =>
    axis < offset || from[axis - offset] === 1 ? 0 : strides[axis - offset]!,
  );
  return stridedIndices(to, steps);
}

/** For each element of the transpose (last two axes swapped), its position in a tensor of that shape. */
export function transposeIndices(shape: Shape): Int32Array {
  const strides = rowMajorStrides(shape);
  return stridedIndices(transposedShape(shape), swapLastTwo(strides));
}

/** @throws {RangeError} fewer than two axes */
export function transposedShape(shape: Shape): Shape {
  if (shape.length < 2)
    throw new RangeError(`transpose needs at least two axes, got a tensor of shape ${bracketShape(shape)}`);
  return swapLastTwo(shape);
}

/**
 * The shape of a matrix product.
 *
 * @throws {RangeError} an operand is not a matrix, or the inner sizes differ; the message names both shapes
 */
export function matmulShape(a: Shape, b: Shape): readonly [m: number, k: number, n: number] {
  if (a.length !== 2 || b.length !== 2 || a[1] !== b[0]) {
    throw new RangeError(`shapes ${bracketShape(a)} and ${bracketShape(b)} have no matrix product`);
  }
  return [a[0]!, a[1]!, b[1]!];
}

/** The distance between neighbours along each axis. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** `offset + Σ i_a · steps[a]` for every index i in the shape, row after row. */
export function stridedIndices(shape: Shape, steps: readonly number[], offset = 0): Int32Array {
  const size = sizeOf(shape);
  const indices = new Int32Array(size);
  const position = new Int32Array(shape.length);
  for (let i = 0, index = offset; i < size; i++) {
    indices[i] = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += steps[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      position[axis] = 0;
      index -= steps[axis]! * shape[axis]!;
    }
  }
  return indices;
}

function swapLastTwo(list: readonly number[]): number[] {
  const swapped = [...list];
  const last = swapped.length - 1;
  [swapped[last - 1], swapped[last]] = [swapped[last]!, swapped[last - 1]!];
  return swapped;
}
