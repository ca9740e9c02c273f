/** Cut a tensor along an axis, and join tensors along one. */
import { inspect } from "node:util";
import { resolvePosition, wholeNumber } from "./arguments";
import { type Layout, readLayout } from "./layout";
import {
  bracketShape,
  checkShape,
  resolveAxis,
  rowMajorStrides,
  type Shape,
  sameShape,
  sizeOf,
} from "./shape";
import { rangeLayout } from "./slices";

/** Tensors that are joined row by row, as `ring.concat` does. */
export interface Joining {
  readonly shape: Shape;
  /** Into how many rows each tensor is cut. */
  readonly rows: number;
  /** For each tensor, the layout that takes it out of the result again. */
  readonly parts: readonly Layout[];
}

/**
 * Join tensors along an existing axis.
 *
 * @throws {RangeError} there are no tensors, the axis does not exist, or shapes differ along another axis
 */
export function joinAlong(shapes: readonly Shape[], axis: number): Joining {
  const first = firstOf("concat", shapes);
  const along = resolveAxis("concat", axis, first);
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((extent, i) => i !== along && extent !== first[i])) {
      throw new RangeError(
        `concat: shapes ${bracketShape(first)} and ${bracketShape(shape)} must be equal but for axis ${along}`,
      );
    }
  }
  const extent = shapes.reduce((total, shape) => total + shape[along]!, 0);
  const shape = checkShape(first.map((other, i) => (i === along ? extent : other)));
  let end = 0;
  const parts = shapes.map((part) => {
    end += part[along]!;
    return rangeLayout(shape, along, end - part[along]!, end);
  });
  return { shape, rows: sizeOf(first.slice(0, along)), parts };
}

/**
 * Stack tensors of equal shape along a new axis.
 *
 * @throws {RangeError} there are no tensors, shapes differ, or the axis does not exist
 */
export function joinAsNew(shapes: readonly Shape[], axis: number): Joining {
  const first = firstOf("stack", shapes);
  for (const shape of shapes) {
    if (!sameShape(shape, first)) {
      throw new RangeError(
        `stack: shapes ${bracketShape(first)} and ${bracketShape(shape)} differ; to join along an axis use concat`,
      );
    }
  }
  const at = resolveAxis("stack", axis, first, 1);
  const shape = checkShape([...first.slice(0, at), shapes.length, ...first.slice(at)]);
  return {
    shape,
    rows: sizeOf(first.slice(0, at)),
    parts: shapes.map((_, i) => positionLayout(shape, at, i)),
  };
}

/**
 * Cut an axis into pieces: of one size, the last of which may be smaller, or of given sizes.
 *
 * @throws {RangeError} a size is not a whole number, or the sizes do not add up to that of the axis
 */
export function splitLayouts(
  source: Shape,
  sizes: number | readonly number[],
  axis: number,
  operation = "split",
): Layout[] {
  const along = resolveAxis(operation, axis, source);
  const extent = source[along]!;
  if (!Array.isArray(sizes)) {
    const size = wholeNumber(operation, "a size", sizes, 1);
    const count = Math.max(1, Math.ceil(extent / size));
    return Array.from({ length: count }, (_, i) =>
      rangeLayout(source, along, i * size, Math.min(extent, (i + 1) * size)),
    );
  }
  let total = 0;
  const layouts = (sizes as readonly number[]).map((size) => {
    const start = total;
    total += wholeNumber(operation, "a size", size, 0);
    return { start, end: total };
  });
  if (total !== extent) {
    throw new RangeError(
      `split: sizes ${inspect(sizes)} add up to ${total}, but axis ${axis} of shape ${bracketShape(source)} has ${extent}`,
    );
  }
  return layouts.map(({ start, end }) => rangeLayout(source, along, start, end));
}

/** Cut an axis into so many pieces of one size; there may be fewer, and the last may be smaller. */
export function chunkLayouts(source: Shape, count: number, axis: number): Layout[] {
  wholeNumber("chunk", "the number of pieces", count, 1);
  const extent = source[resolveAxis("chunk", axis, source)]!;
  return splitLayouts(source, Math.max(1, Math.ceil(extent / count)), axis, "chunk");
}

/** How to join pieces that an axis was cut into, in order. */
export function joiningOf(operation: string, shape: Shape, axis: number, parts: readonly Layout[]): Joining {
  return { shape, rows: sizeOf(shape.slice(0, resolveAxis(operation, axis, shape))), parts };
}

/** What stands at each position along an axis, which is dropped. */
export function unbindLayouts(source: Shape, axis: number): Layout[] {
  const along = resolveAxis("unbind", axis, source);
  return Array.from({ length: source[along]! }, (_, i) => positionLayout(source, along, i));
}

/** What stands at one position along an axis, which is dropped. */
function positionLayout(source: Shape, axis: number, position: number): Layout {
  const strides = rowMajorStrides(source);
  return readLayout(source, {
    extents: source.filter((_, i) => i !== axis),
    strides: strides.filter((_, i) => i !== axis),
    offset: resolvePosition("unbind", position, axis, source) * strides[axis]!,
  });
}

function firstOf(operation: string, shapes: readonly Shape[]): Shape {
  const first = shapes[0];
  if (first === undefined) throw new RangeError(`${operation} needs at least one tensor, got an empty list`);
  return first;
}
