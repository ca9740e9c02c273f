/**
 * A tensor as a function from indices to numbers, and nested arrays: a reference for operations that move elements. It
 * knows nothing of strides.
 */

export type Shape = readonly number[];

/** Nested arrays, or a number for a scalar. */
export type Nested = number | readonly Nested[];

/** A tensor of the reference: its shape, and its element at each index. */
export interface Reference {
  readonly shape: Shape;
  at(index: readonly number[]): number;
}

/** Convert a tensor of the reference to nested arrays. */
export function nestedOf({ shape, at }: Reference): Nested {
  const build = (axis: number, index: readonly number[]): Nested =>
    axis === shape.length
      ? at(index)
      : Array.from({ length: shape[axis]! }, (_, i) => build(axis + 1, [...index, i]));
  return build(0, []);
}

/** Read nested arrays of a shape. */
export function referenceOf(shape: Shape, nested: Nested): Reference {
  return {
    shape,
    at: (index) => index.reduce((level, i) => (level as readonly Nested[])[i]!, nested) as number,
  };
}

/** The number of elements. */
export function count(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Count an axis or a position from the start. */
export function fromStart(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** All elements, the last axis fastest. */
export function elements({ shape, at }: Reference): number[] {
  return indicesOf(shape).map((index) => at(index));
}

/** Every index of a shape, the last axis fastest. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (heads, extent) => heads.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])),
    [[]],
  );
}

/** The same elements in another shape. */
export function refilled(x: Reference, shape: Shape): Reference {
  const all = new Map(indicesOf(shape).map((index, i) => [`${index}`, i]));
  const list = elements(x);
  return { shape, at: (index) => list[all.get(`${index}`)!]! };
}

/** A list with others in the place of one element. */
export function replaced<T>(list: readonly T[], place: number, ...by: readonly T[]): T[] {
  return [...list.slice(0, place), ...by, ...list.slice(place + 1)];
}

/** x, broadcast to a shape. */
export function broadcast(x: Reference, shape: Shape): Reference {
  const ahead = shape.length - x.shape.length;
  return { shape, at: (index) => x.at(index.slice(ahead).map((i, axis) => (x.shape[axis] === 1 ? 0 : i))) };
}

/** The positions that a range takes, by JavaScript's own slice, which clips as Python does. */
export function walk(extent: number, range: readonly (number | null | undefined)[]): number[] {
  const [start, end, step] = range;
  const by = step ?? 1;
  const list = Array.from({ length: extent }, (_, i) => i);
  if (by > 0) return list.slice(start ?? 0, end ?? extent).filter((_, i) => i % by === 0);
  // Backwards, by the same on the reversed list.
  const turned = (bound: number) => Math.max(0, bound < 0 ? -1 - bound : extent - 1 - bound);
  const [from, to] = [start == null ? 0 : turned(start), end == null ? extent : turned(end)];
  return list
    .reverse()
    .slice(from, to)
    .filter((_, i) => i % -by === 0);
}

/** The parts of x along an axis that begin and end at these places. */
export function cut(x: Reference, axis: number, ends: readonly number[]): Reference[] {
  return ends.map((end, i) => {
    const start = i === 0 ? 0 : ends[i - 1]!;
    return {
      shape: replaced(x.shape, axis, end - start),
      at: (index) => x.at(replaced(index, axis, start + index[axis]!)),
    };
  });
}

/** Where pieces of one size end. */
export function cutBy(extent: number, size: number): number[] {
  const ends = [];
  for (let end = size; end < extent; end += size) ends.push(end);
  return [...ends, extent];
}

/** The remainder that is not negative. */
export const mod = (a: number, n: number) => ((a % n) + n) % n;

/** x with two axes swapped. */
export function swapped(x: Reference, a: number, b: number): Reference {
  const swap = (list: readonly number[]) => replaced(replaced(list, a, list[b]!), b, list[a]!);
  return { shape: swap(x.shape), at: (index) => x.at(swap(index)) };
}
