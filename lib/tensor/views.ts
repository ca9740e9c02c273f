/** Layouts that read or write along strides: no index for each element. */
import { inspect } from "node:util";
import { wholeNumber } from "./arguments";
import { compose, type Layout, readLayout, sameElements, writeLayout } from "./layout";
import {
  type Axes,
  bracketShape,
  broadcastStrides,
  checkBroadcast,
  checkShape,
  resolveAxes,
  resolveAxis,
  rowMajorStrides,
  type Shape,
  sizeOf,
} from "./shape";
import { rangeLayout } from "./slices";

/**
 * How many elements to add before and after each axis: one number for all ends; or for each axis a number for both
 * ends, or a pair `[before, after]`.
 */
export type PadWidths = number | readonly (number | readonly [before: number, after: number])[];

/**
 * The same elements in another shape; one size may be −1, to be inferred.
 *
 * @throws {RangeError} the number of elements differs; the message names both shapes
 */
export function reshapeLayout(source: Shape, to: readonly number[]): Layout {
  const open = to.indexOf(-1);
  const rest = to.filter((_, axis) => axis !== open);
  for (const extent of rest) {
    if (!Number.isInteger(extent) || extent < 0) {
      throw new RangeError(
        `reshape: a size must be a whole number from 0, or once -1, got ${extent} in ${bracketShape(to)}`,
      );
    }
  }
  const size = sizeOf(source);
  const missing = size / sizeOf(rest);
  if (open < 0 ? size !== sizeOf(rest) : !Number.isInteger(missing)) {
    throw new RangeError(
      `reshape: the ${size} elements of shape ${bracketShape(source)} do not fill shape ${bracketShape(to)}`,
    );
  }
  return sameElements(
    source,
    to.map((extent, axis) => (axis === open ? missing : extent)),
  );
}

/** Join neighbouring axes, from one to another, into one. @throws {RangeError} an axis does not exist */
export function flattenLayout(source: Shape, startAxis: number, endAxis: number): Layout {
  // A scalar becomes a vector of one element, as in PyTorch.
  const shape = source.length === 0 ? [1] : source;
  const [start, end] = [startAxis, endAxis].map((axis) => resolveAxis("flatten", axis, shape)) as [
    number,
    number,
  ];
  if (start > end) {
    throw new RangeError(
      `flatten: the first axis must not lie behind the last, got ${startAxis} and ${endAxis} for shape ` +
        bracketShape(source),
    );
  }
  const joined = sizeOf(shape.slice(start, end + 1));
  return sameElements(source, [...shape.slice(0, start), joined, ...shape.slice(end + 1)]);
}

/** Drop axes of size 1: all, or one. @throws {RangeError} the size of that axis is not 1 */
export function squeezeLayout(source: Shape, axis: number | undefined): Layout {
  if (axis === undefined)
    return sameElements(
      source,
      source.filter((extent) => extent !== 1),
    );
  const gone = resolveAxis("squeeze", axis, source);
  if (source[gone] !== 1) {
    throw new RangeError(
      `squeeze: axis ${axis} of shape ${bracketShape(source)} has size ${source[gone]}; only an axis of size 1 can go`,
    );
  }
  return sameElements(
    source,
    source.filter((_, i) => i !== gone),
  );
}

/** Insert an axis of size 1 before the axis now at that place. */
export function unsqueezeLayout(source: Shape, axis: number): Layout {
  const result = [...source];
  result.splice(resolveAxis("unsqueeze", axis, source, 1), 0, 1);
  return sameElements(source, result);
}

/**
 * Reorder the axes: axis i of the result is axis `order[i]` of the source.
 *
 * @throws {RangeError} `order` does not name every axis once
 */
export function permuteLayout(source: Shape, order: readonly number[]): Layout {
  const axes = order.map((axis) => resolveAxis("permute", axis, source));
  if (axes.length !== source.length || new Set(axes).size !== axes.length) {
    throw new RangeError(
      `permute: the order must name every axis of shape ${bracketShape(source)} once, got [${order}]`,
    );
  }
  return reordered(source, axes);
}

/** Swap two axes. @throws {RangeError} one of them does not exist */
export function transposeLayout(source: Shape, first = -2, second = -1, operation = "transpose"): Layout {
  if (source.length < 2 && first === -2 && second === -1) {
    throw new RangeError(
      `${operation} needs at least two axes, got shape ${bracketShape(source)}; for a column write unsqueeze(1)`,
    );
  }
  const [a, b] = [first, second].map((axis) => resolveAxis(operation, axis, source)) as [number, number];
  const axes = source.map((_, axis) => axis);
  [axes[a], axes[b]] = [b, a];
  return reordered(source, axes);
}

function reordered(source: Shape, axes: readonly number[]): Layout {
  const strides = rowMajorStrides(source);
  return readLayout(source, {
    extents: axes.map((axis) => source[axis]!),
    strides: axes.map((axis) => strides[axis]!),
    offset: 0,
  });
}

/** Repeat along axes of size 1 and along new leading ones. @throws {RangeError} the shape cannot be broadcast so */
export function broadcastLayout(source: Shape, to: Shape, operation = "broadcastTo"): Layout {
  const shape = checkBroadcast(source, to, operation);
  return readLayout(source, { extents: shape, strides: broadcastStrides(source, shape), offset: 0 });
}

/** Broadcast to sizes of which −1 keeps that of its axis. @throws {RangeError} the shape cannot be broadcast so */
export function expandLayout(source: Shape, sizes: readonly number[]): Layout {
  const ahead = sizes.length - source.length;
  const added = sizes.findIndex((size, axis) => size === -1 && axis < ahead);
  if (added >= 0)
    throw new RangeError(`expand: -1 keeps the size of an axis, and axis ${added} is new; give its size`);
  const shape = sizes.map((size, axis) => (size === -1 && axis >= ahead ? source[axis - ahead]! : size));
  return broadcastLayout(source, shape, "expand");
}

/** Tile: repeat the whole tensor so often along each axis. @throws {RangeError} fewer numbers than axes */
export function repeatLayout(source: Shape, times: readonly number[]): Layout {
  for (const count of times) wholeNumber("repeat", "a count", count, 0);
  if (times.length < source.length) {
    throw new RangeError(
      `repeat takes a count for each axis of shape ${bracketShape(source)}, got ${times.length}`,
    );
  }
  const full = [...new Array<number>(times.length - source.length).fill(1), ...source];
  const strides = rowMajorStrides(full);
  const walk = {
    extents: full.flatMap((extent, axis) => [times[axis]!, extent]),
    strides: full.flatMap((_, axis) => [0, strides[axis]!]),
    offset: 0,
  };
  return readLayout(
    source,
    walk,
    full.map((extent, axis) => times[axis]! * extent),
  );
}

/** Reverse the order along axes. @throws {RangeError} an axis does not exist or is named twice */
export function flipLayout(source: Shape, axes: Axes | undefined): Layout {
  const turned = new Set(resolveAxes("flip", axes, source));
  const strides = rowMajorStrides(source);
  return readLayout(source, {
    extents: source,
    strides: strides.map((stride, axis) => (turned.has(axis) ? -stride : stride)),
    offset: strides.reduce(
      (sum, stride, axis) => sum + (turned.has(axis) ? Math.max(0, source[axis]! - 1) * stride : 0),
      0,
    ),
  });
}

/**
 * Shift elements along axes, those that fall off at one end to the other; without axes, along all elements in order.
 *
 * @throws {RangeError} a shift is not whole, shifts and axes differ in number, or an axis does not exist
 */
export function rollLayout(
  source: Shape,
  shift: number | readonly number[],
  axes: number | readonly number[] | undefined,
): Layout {
  const shifts = (Array.isArray(shift) ? shift : [shift]) as readonly number[];
  for (const by of shifts) wholeNumber("roll", "a shift", by);
  if (axes === undefined || axes === null) {
    if (shifts.length !== 1)
      throw new RangeError(`roll: ${shifts.length} shifts need as many axes, such as roll([1, 2], [0, 1])`);
    const flat = [sizeOf(source)];
    return compose(sameElements(source, flat), rolled(flat, 0, shifts[0]!), sameElements(flat, source));
  }
  const list = resolveAxes("roll", axes, source);
  if (shifts.length !== 1 && shifts.length !== list.length)
    throw new RangeError(
      `roll: got ${shifts.length} shifts for ${list.length} axes; give one, or one for each axis`,
    );
  return compose(
    sameElements(source, source),
    ...list.map((axis, i) => rolled(source, axis, shifts[shifts.length === 1 ? 0 : i]!)),
  );
}

/** Read the axis twice over, and from that its length from where the first element now lies. */
function rolled(source: Shape, axis: number, shift: number): Layout {
  const extent = source[axis]!;
  const start = extent === 0 ? 0 : ((-shift % extent) + extent) % extent;
  if (start === 0) return sameElements(source, source);
  const twice = source.map((size, i) => (i === axis ? 2 * size : size));
  const doubled = repeatLayout(
    source,
    source.map((_, i) => (i === axis ? 2 : 1)),
  );
  return compose(doubled, rangeLayout(twice, axis, start, start + extent));
}

/**
 * The diagonal of a matrix as a vector, or a matrix of zeros with a vector as its diagonal.
 *
 * @throws {RangeError} neither a vector nor a matrix
 */
export function diagLayout(source: Shape, offset: number): Layout {
  wholeNumber("diag", "the offset", offset);
  if (source.length === 1) {
    const [count] = source as [number];
    const size = count + Math.abs(offset);
    const walk = { extents: [count], strides: [size + 1], offset: startOf(offset, size) };
    return writeLayout(source, walk, [size, size]);
  }
  if (source.length !== 2)
    throw new RangeError(`diag takes a vector or a matrix, got shape ${bracketShape(source)}`);
  const [rows, columns] = source as [number, number];
  const count = Math.max(
    0,
    offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns),
  );
  return readLayout(source, {
    extents: [count],
    strides: [columns + 1],
    offset: count === 0 ? 0 : startOf(offset, columns),
  });
}

/** The position of the first element of a diagonal. */
function startOf(offset: number, columns: number): number {
  return offset >= 0 ? offset : -offset * columns;
}

/**
 * Add zeros before and after each axis.
 *
 * @throws {RangeError} the number of widths differs from the number of axes, or a width is not a whole number from 0
 */
export function padLayout(source: Shape, widths: PadWidths): Layout {
  const pairs = padPairs(source, widths);
  const shape = checkShape(source.map((extent, axis) => pairs[axis]![0] + extent + pairs[axis]![1]));
  const strides = rowMajorStrides(shape);
  const corner = pairs.reduce((offset, [before], axis) => offset + before * strides[axis]!, 0);
  return writeLayout(source, { extents: source, strides, offset: corner }, shape);
}

function padPairs(shape: Shape, widths: PadWidths): (readonly [number, number])[] {
  const list = typeof widths === "number" ? shape.map(() => widths) : widths;
  if (!Array.isArray(list)) {
    throw new TypeError(
      `pad: widths must be a number, or a list with a number or a pair for each axis, got ${inspect(widths, { depth: 0 })}`,
    );
  }
  if (list.length !== shape.length) {
    throw new RangeError(
      `pad takes one width for each axis of shape ${bracketShape(shape)}, got ${list.length} widths`,
    );
  }
  return list.map((width) => {
    const pair = Array.isArray(width) ? (width as readonly number[]) : [width as number, width as number];
    if (pair.length !== 2)
      throw new RangeError(`pad: a width must be a number or a pair [before, after], got [${pair}]`);
    for (const count of pair) wholeNumber("pad", "a width", count, 0);
    return pair as unknown as readonly [number, number];
  });
}

/**
 * Ones where a matrix keeps its elements on and below a diagonal, or on and above it; zeros elsewhere.
 *
 * @throws {RangeError} fewer than two axes
 */
export function triangleMask(
  operation: "tril" | "triu",
  source: Shape,
  offset: number,
): { readonly shape: Shape; readonly values: Float64Array } {
  wholeNumber(operation, "the offset", offset);
  if (source.length < 2)
    throw new RangeError(`${operation} needs at least two axes, got shape ${bracketShape(source)}`);
  const [rows, columns] = source.slice(-2) as [number, number];
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const edge = Math.min(columns, Math.max(0, row + offset + (operation === "tril" ? 1 : 0)));
    const from = row * columns;
    if (operation === "tril") values.fill(1, from, from + edge);
    else values.fill(1, from + edge, from + columns);
  }
  return { shape: [rows, columns], values };
}
