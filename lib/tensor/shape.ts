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

/**
 * Check a shape, and return it frozen.
 *
 * @param operation - its name, for errors
 * @throws {RangeError} a size is not a non-negative integer, or there are more than 2^31 − 1 elements
 */
export function checkShape(shape: Shape, operation?: string): Shape {
  const by = operation === undefined ? "" : `${operation}: `;
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0)
      throw new RangeError(`${by}size must be a non-negative integer, got ${extent} in shape [${shape}]`);
  }
  if (sizeOf(shape) > 0x7fffffff)
    throw new RangeError(
      `${by}a tensor must have fewer than 2^31 elements, got shape ${bracketShape(shape)}`,
    );
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
 * @param added - how many axes the result has more, which the axis may name too. Default: 0
 * @throws {TypeError} the axis is not a number
 * @throws {RangeError} the shape has no such axis
 */
export function resolveAxis(operation: string, axis: number, shape: Shape, added = 0): number {
  if (typeof axis !== "number")
    throw new TypeError(`${operation}: an axis must be a number, got ${inspect(axis, { depth: 0 })}`);
  const rank = shape.length + added;
  const resolved = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < rank) return resolved;
  const range = rank > 0 ? `use ${-rank} to ${rank - 1}` : "a single number has no axes";
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
 * Check that one shape broadcasts to exactly the other.
 *
 * @param operation - its name, for errors
 * @throws {RangeError} it does not; the message names both shapes
 */
export function checkBroadcast(from: Shape, to: Shape, operation: string): Shape {
  const target = checkShape(to, operation);
  const reaches =
    from.length <= to.length &&
    from.every((extent, i) => extent === 1 || extent === to[to.length - from.length + i]);
  if (!reaches)
    throw new RangeError(
      `${operation}: shape ${bracketShape(from)} cannot be broadcast to ${bracketShape(target)}`,
    );
  return target;
}

/** The strides that read a tensor of shape `from` as one of shape `to`, to which it broadcasts. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = rowMajorStrides(from);
  const offset = to.length - from.length;
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : strides[axis - offset]!));
}

/** For each element of `to`, its position in a tensor of shape `from` that broadcasts to it. */
export function broadcastIndices(from: Shape, to: Shape): Int32Array {
  return stridedIndices(to, broadcastStrides(from, to));
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
