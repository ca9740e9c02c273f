import { rearrange } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { compose, type Layout, moveElements, sameElements, transposeOf } from "../../tensor/layout";
import type { ReduceOptions } from "../../tensor/reduction";
import { type Axes, bracketShape, resolveAxes, type Shape, sizeOf } from "../../tensor/shape";
import { permuteLayout } from "../../tensor/views";

/** How to choose one element from each group along some axes: the groups as rows of a matrix. */
export interface Rows {
  /** The shape of the result. */
  readonly shape: Shape;
  /** How many groups there are, and elements in each. */
  readonly count: number;
  readonly length: number;
  /** Moves each group to a row of a matrix. */
  readonly layout: Layout;
}

/**
 * Plan to take one element from each group.
 *
 * @throws {RangeError} an axis does not exist or is named twice, or a group is empty
 */
export function planRows(
  operation: string,
  shape: Shape,
  axes?: Axes,
  { keepdim = false }: ReduceOptions = {},
): Rows {
  const gone = resolveAxes(operation, axes, shape);
  const kept = shape.map((_, axis) => axis).filter((axis) => !gone.includes(axis));
  // In their own order, so that the first of equal elements is the one with the least index.
  const order = [...kept, ...[...gone].sort((a, b) => a - b)];
  const permuted = permuteLayout(shape, order);
  const sizes = kept.map((axis) => shape[axis]!);
  const [count, length] = [sizeOf(sizes), sizeOf(gone.map((axis) => shape[axis]!))];
  if (length === 0)
    throw new RangeError(
      `${operation} needs at least one element, and the axes of a value of shape ${bracketShape(shape)} have none`,
    );
  return {
    shape: keepdim ? shape.map((size, axis) => (gone.includes(axis) ? 1 : size)) : sizes,
    count,
    length,
    layout: compose(permuted, sameElements(permuted.shape, [count, length])),
  };
}

/** Move each group to a row. */
export function toRows(x: SharedTensor, { layout }: Rows): SharedTensor {
  return rearrange("rows", x, layout);
}

/** Move the rows back to their groups. */
export function fromRows(x: SharedTensor, { layout }: Rows): SharedTensor {
  return rearrange("groups", x, transposeOf(layout));
}

/** Give one element of each row the shape of the result. */
export function asResult(x: SharedTensor, { shape }: Rows): SharedTensor {
  return rearrange("chosen", x, sameElements(x.shape, shape), true);
}

/** The same as a column of the matrix. */
export function asColumn(x: SharedTensor, { count }: Rows): SharedTensor {
  return rearrange("column", x, sameElements(x.shape, [count, 1]), true);
}

/** The same on plain numbers: for each row, a number that is found from it. */
export function eachRow(x: FloatTensor, rows: Rows, find: (row: Float64Array) => number): FloatTensor {
  const { count, length, layout, shape } = rows;
  const values = moveElements(doubles, x.values, layout);
  const found = Float64Array.from({ length: count }, (_, i) =>
    find(values.subarray(i * length, (i + 1) * length)),
  );
  return FloatTensor.from(found, shape);
}
