/** Random calls of every layout operation, on shapes of up to seven axes, with what must come of them. */
import { FloatTensor } from "../../lib/tensor/float-tensor";
import type { SliceRange } from "../../lib/tensor/slices";
import {
  broadcast,
  count,
  cut,
  cutBy,
  elements,
  fromStart,
  indicesOf,
  mod,
  type Nested,
  nestedOf,
  type Reference,
  referenceOf,
  refilled,
  replaced,
  type Shape,
  swapped,
  walk,
} from "./layout-reference";
import { uniform } from "./random";

export interface LayoutCall {
  /** The shapes of the operands, in order. */
  readonly shapes: readonly Shape[];
  /** All arguments, the operands among them. */
  fill(operands: readonly unknown[]): unknown[];
  expected(operands: readonly Reference[]): Reference[];
}

/** A random call of an operation; undefined if it is not one of layout. */
export function layoutCall(name: string): LayoutCall | undefined {
  return Object.hasOwn(calls, name) ? calls[name as keyof typeof calls]() : undefined;
}

/** Names of all operations of layout. */
export function layoutNames(): string[] {
  return Object.keys(calls);
}

const MOST_ELEMENTS = 40;

/** A shape of `least` to `most` axes, of sizes 0 to 4, and of few elements. */
function shapeOf(least = 0, most = 7): number[] {
  const rank = whole(least, most);
  const shape = Array.from({ length: rank }, () => (uniform() < 0.05 ? 0 : whole(1, 4)));
  // Shorten random axes.
  for (let size = count(shape); size > MOST_ELEMENTS; size = count(shape)) shape[whole(0, rank - 1)] = 1;
  return shape;
}

/** An axis, from either end. */
function axisOf(rank: number): number {
  return whole(-rank, rank - 1);
}

function position(extent: number): number {
  return whole(-extent, extent - 1);
}

/** Numbers one by one, or in one list. */
function numbers(list: readonly number[]): unknown[] {
  return uniform() < 0.5 ? [[...list]] : [...list];
}

/** A call on one tensor. */
function one(shape: Shape, args: readonly unknown[], expected: (x: Reference) => Reference): LayoutCall {
  return several(shape, args, (x) => [expected(x)]);
}

/** A call on one tensor that gives a list. */
function several(
  shape: Shape,
  args: readonly unknown[],
  expected: (x: Reference) => Reference[],
): LayoutCall {
  return { shapes: [shape], fill: ([x]) => [x, ...args], expected: ([x]) => expected(x!) };
}

/** A shape that broadcasts to another. */
function broadcastable(shape: Shape): number[] {
  return shape
    .slice(uniform() < 0.3 ? whole(0, shape.length) : 0)
    .map((extent) => (uniform() < 0.3 ? 1 : extent));
}

function range(): [start?: number | null, end?: number | null, step?: number | null] {
  const bound = () => (uniform() < 0.3 ? null : whole(-6, 6));
  const all = [bound(), bound(), uniform() < 0.4 ? null : pick([1, 2, 3, -1, -2, -3])] as const;
  return all.slice(0, whole(0, 3)) as [number?];
}

const calls = {
  reshape() {
    const [target, source] = [shapeOf(), shapeOf(0, 2)];
    const size = count(target);
    // If another axis has size 0, an open one could have any size.
    const hidden = target.findIndex((_, axis) => target.every((extent, i) => i === axis || extent > 0));
    const asked = hidden >= 0 && uniform() < 0.5 ? replaced(target, hidden, -1) : target;
    return one(source.length === 0 ? [size] : [1, size], numbers(asked), (x) => refilled(x, target));
  },
  flatten() {
    const shape = shapeOf();
    if (shape.length === 0 || uniform() < 0.3) return one(shape, [], (x) => refilled(x, [count(shape)]));
    const start = whole(0, shape.length - 1);
    const end = whole(start, shape.length - 1);
    const given = [start, end].map((axis) => (uniform() < 0.5 ? axis : axis - shape.length));
    const joined = [...shape.slice(0, start), count(shape.slice(start, end + 1)), ...shape.slice(end + 1)];
    return one(shape, given, (x) => refilled(x, joined));
  },
  squeeze() {
    const shape = shapeOf()
      .flatMap((extent) => (uniform() < 0.4 ? [1, extent] : [extent]))
      .slice(0, 7);
    const ones = shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
    if (ones.length === 0 || uniform() < 0.3)
      return one(shape, [], (x) =>
        refilled(
          x,
          shape.filter((extent) => extent !== 1),
        ),
      );
    const axis = pick(ones);
    return one(shape, [uniform() < 0.5 ? axis : axis - shape.length], (x) =>
      refilled(x, replaced(shape, axis)),
    );
  },
  unsqueeze() {
    const shape = shapeOf(0, 6);
    const axis = axisOf(shape.length + 1);
    const at = fromStart(axis, shape.length + 1);
    return one(shape, [axis], (x) => refilled(x, [...shape.slice(0, at), 1, ...shape.slice(at)]));
  },
  permute() {
    const shape = shapeOf(1);
    const order = shape.map((_, axis) => axis);
    for (let i = order.length - 1; i > 0; i--) {
      const j = whole(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const given = order.map((axis) => (uniform() < 0.5 ? axis : axis - shape.length));
    return one(shape, numbers(given), (x) => ({
      shape: order.map((axis) => shape[axis]!),
      at: (index) => x.at(shape.map((_, axis) => index[order.indexOf(axis)]!)),
    }));
  },
  transpose() {
    const shape = shapeOf(2);
    const given = uniform() < 0.3 ? [] : [axisOf(shape.length), axisOf(shape.length)];
    const [a, b] = (given.length ? given : [-2, -1]).map((axis) => fromStart(axis, shape.length));
    return one(shape, given, (x) => swapped(x, a!, b!));
  },
  t() {
    const shape = shapeOf(2);
    return one(shape, [], (x) => swapped(x, shape.length - 2, shape.length - 1));
  },
  expand() {
    const target = shapeOf();
    const shape = broadcastable(target);
    const ahead = target.length - shape.length;
    const asked = target.map((extent, axis) =>
      axis >= ahead && shape[axis - ahead] === extent && uniform() < 0.5 ? -1 : extent,
    );
    return one(shape, numbers(asked), (x) => broadcast(x, target));
  },
  broadcastTo() {
    const target = shapeOf();
    return one(broadcastable(target), [target], (x) => broadcast(x, target));
  },
  repeat() {
    const shape = shapeOf(0, 4);
    const added = whole(0, 2);
    const times = Array.from({ length: shape.length + added }, () => pick([1, 1, 1, 2, 2, 3, 0]));
    const full = [...new Array<number>(added).fill(1), ...shape];
    return one(shape, numbers(times), (x) => ({
      shape: full.map((extent, axis) => extent * times[axis]!),
      at: (index) => x.at(index.map((i, axis) => i % full[axis]!).slice(added)),
    }));
  },
  slice() {
    const shape = shapeOf();
    const ranges: SliceRange[] = shape
      .slice(0, whole(0, shape.length))
      .map((extent) => (uniform() < 0.2 ? null : extent > 0 && uniform() < 0.3 ? position(extent) : range()));
    // Positions alone are refused.
    if (ranges.length > 0 && !ranges.some((each) => typeof each !== "number")) ranges[0] = null;
    const taken = shape.map((extent, axis) => {
      const each = ranges[axis] ?? [];
      return typeof each === "number" ? [fromStart(each, extent)] : walk(extent, each);
    });
    const kept = shape.flatMap((_, axis) => (typeof ranges[axis] === "number" ? [] : [axis]));
    return one(shape, ranges, (x) => ({
      shape: kept.map((axis) => taken[axis]!.length),
      at: (index) =>
        x.at(taken.map((list, axis) => list[kept.includes(axis) ? index[kept.indexOf(axis)]! : 0]!)),
    }));
  },
  at() {
    const shape = shapeOf(1).map((extent) => Math.max(1, extent));
    const given = shape.slice(0, whole(1, shape.length)).map(position);
    const places = given.map((place, axis) => fromStart(place, shape[axis]!));
    return one(shape, given, (x) => ({
      shape: shape.slice(given.length),
      at: (index) => x.at([...places, ...index]),
    }));
  },
  indexSelect() {
    const shape = shapeOf(1);
    const axis = axisOf(shape.length);
    const along = fromStart(axis, shape.length);
    const index =
      shape[along] === 0 ? [] : Array.from({ length: whole(0, 4) }, () => position(shape[along]!));
    return one(shape, [axis, index], (x) => ({
      shape: replaced(shape, along, index.length),
      at: (at) => x.at(replaced(at, along, fromStart(index[at[along]!]!, shape[along]!))),
    }));
  },
  gather() {
    const shape = shapeOf(1);
    const { axis, along, index } = indexFor(shape);
    return one(shape, [axis, publicOf(index)], (x) => ({
      shape: index.shape,
      at: (at) => x.at(replaced(at, along, fromStart(index.at(at), shape[along]!))),
    }));
  },
  scatterAdd(): LayoutCall {
    const shape = shapeOf(1);
    const { axis, along, index } = indexFor(shape);
    const source = index.shape.map((extent) => extent + pick([0, 0, 0, 1]));
    return {
      shapes: [shape, source],
      fill: ([x, added]) => [x, axis, publicOf(index), added],
      expected: ([x, added]) => [
        {
          shape,
          at: (place) =>
            indicesOf(index.shape)
              .filter((at) => `${replaced(at, along, fromStart(index.at(at), shape[along]!))}` === `${place}`)
              .reduce((sum, at) => sum + added!.at(at), x!.at(place)),
        },
      ],
    };
  },
  concat(): LayoutCall {
    const shape = shapeOf(1);
    const axis = axisOf(shape.length);
    const along = fromStart(axis, shape.length);
    const shapes = Array.from({ length: whole(1, 3) }, () => replaced(shape, along, whole(0, 3)));
    const named = along > 0 || uniform() < 0.5;
    return {
      shapes,
      fill: (parts) => (named ? [parts, axis] : [parts]),
      expected: (parts) => {
        const owners = parts.flatMap((part) =>
          Array.from({ length: part.shape[along]! }, (_, i) => ({ part, i })),
        );
        const at = (index: readonly number[]) => {
          const { part, i } = owners[index[along]!]!;
          return part.at(replaced(index, along, i));
        };
        return [{ shape: replaced(shape, along, owners.length), at }];
      },
    };
  },
  stack(): LayoutCall {
    const shape = shapeOf(0, 6);
    const axis = axisOf(shape.length + 1);
    const at = fromStart(axis, shape.length + 1);
    const shapes = Array.from({ length: whole(1, 3) }, () => shape);
    return {
      shapes,
      fill: (parts) => [parts, axis],
      expected: (parts) => [
        {
          shape: [...shape.slice(0, at), parts.length, ...shape.slice(at)],
          at: (index) => parts[index[at]!]!.at(replaced(index, at)),
        },
      ],
    };
  },
  split() {
    const shape = shapeOf(1);
    const axis = axisOf(shape.length);
    const along = fromStart(axis, shape.length);
    const extent = shape[along]!;
    if (uniform() < 0.5) {
      const size = whole(1, 3);
      return several(shape, [size, axis], (x) => cut(x, along, cutBy(extent, size)));
    }
    const ends = Array.from({ length: whole(0, 2) }, () => whole(0, extent)).sort((a, b) => a - b);
    const all = [...ends, extent];
    const sizes = all.map((end, i) => end - (all[i - 1] ?? 0));
    return several(shape, [sizes, axis], (x) => cut(x, along, all));
  },
  chunk() {
    const shape = shapeOf(1);
    const [pieces, axis] = [whole(1, 5), axisOf(shape.length)];
    const along = fromStart(axis, shape.length);
    const size = Math.max(1, Math.ceil(shape[along]! / pieces));
    return several(shape, [pieces, axis], (x) => cut(x, along, cutBy(shape[along]!, size)));
  },
  unbind() {
    const shape = shapeOf(1);
    const axis = axisOf(shape.length);
    const along = fromStart(axis, shape.length);
    return several(shape, axis === 0 ? [] : [axis], (x) =>
      Array.from({ length: shape[along]! }, (_, i) => ({
        shape: replaced(shape, along),
        at: (index: readonly number[]) => x.at([...index.slice(0, along), i, ...index.slice(along)]),
      })),
    );
  },
  pad() {
    const shape = shapeOf(0, 3);
    const pairs = shape.map(() => [whole(0, 2), whole(0, 2)] as const);
    const value = pick([0, 0, 7, -2.5]);
    const single = uniform() < 0.2;
    const widths = single ? 1 : pairs.map(([a, b]) => (a === b && uniform() < 0.5 ? a : [a, b]));
    const ends = single ? shape.map(() => [1, 1] as const) : pairs;
    return one(shape, value === 0 ? [widths] : [widths, value], (x) => ({
      shape: shape.map((extent, axis) => ends[axis]![0] + extent + ends[axis]![1]),
      at: (index) => {
        const place = index.map((i, axis) => i - ends[axis]![0]);
        return place.every((i, axis) => i >= 0 && i < shape[axis]!) ? x.at(place) : value;
      },
    }));
  },
  flip() {
    const shape = shapeOf();
    const axes = shape.flatMap((_, axis) => (uniform() < 0.5 ? [axis] : []));
    const given = pick<unknown[]>([[axes], [axes.map((axis) => axis - shape.length)], [], [null]]);
    const turned = Array.isArray(given[0]) ? axes : shape.map((_, axis) => axis);
    return one(shape, given, (x) => ({
      shape,
      at: (index) => x.at(index.map((i, axis) => (turned.includes(axis) ? shape[axis]! - 1 - i : i))),
    }));
  },
  roll() {
    const shape = shapeOf();
    if (shape.length === 0 || uniform() < 0.3) {
      const shift = whole(-7, 7);
      return one(shape, [shift], (x) => {
        const list = elements(x);
        const moved = list.map((_, i) => list[mod(i - shift, list.length)]!);
        return refilled({ shape: [list.length], at: ([i]) => moved[i!]! }, shape);
      });
    }
    const axes = shape.flatMap((_, axis) => (uniform() < 0.5 ? [axis] : []));
    const shifts = axes.map(() => whole(-5, 5));
    const given = [shifts, axes.map((axis) => (uniform() < 0.5 ? axis : axis - shape.length))];
    return one(shape, axes.length === 1 ? given.map(([first]) => first) : given, (x) => ({
      shape,
      at: (index) =>
        x.at(
          index.map((i, axis) =>
            axes.includes(axis) ? mod(i - shifts[axes.indexOf(axis)]!, shape[axis]!) : i,
          ),
        ),
    }));
  },
  diag() {
    const shape = shapeOf(1, 2);
    const offset = whole(-3, 3);
    const given = offset === 0 ? [] : [offset];
    if (shape.length === 1) {
      const size = shape[0]! + Math.abs(offset);
      return one(shape, given, (x) => ({
        shape: [size, size],
        at: ([i, j]) => (j! - i! === offset ? x.at([Math.min(i!, j!)]) : 0),
      }));
    }
    const places = indicesOf(shape).filter(([i, j]) => j! - i! === offset);
    return one(shape, given, (x) => ({ shape: [places.length], at: ([i]) => x.at(places[i!]!) }));
  },
  tril() {
    return triangle((below) => below >= 0);
  },
  triu() {
    return triangle((below) => below <= 0);
  },
  where(): LayoutCall {
    const shape = shapeOf();
    const shapes = [shape, broadcastable(shape), broadcastable(shape)].sort(() => uniform() - 0.5);
    const condition = referenceOf(
      shapes[2]!,
      randomNested(shapes[2]!, () => whole(0, 1)),
    );
    return {
      shapes: shapes.slice(0, 2),
      fill: ([x, other]) => [x, publicOf(condition), other],
      expected: ([x, other]) => {
        const [c, a, b] = [condition, x!, other!].map((each) => broadcast(each, shape));
        return [{ shape, at: (index) => (c!.at(index) === 1 ? a! : b!).at(index) }];
      },
    };
  },
} satisfies Record<string, () => LayoutCall>;

/** @param keeps - by how many rows an element lies below the diagonal */
function triangle(keeps: (below: number) => boolean): LayoutCall {
  const shape = shapeOf(2);
  const offset = whole(-3, 3);
  return one(shape, offset === 0 ? [] : [offset], (x) => ({
    shape,
    at: (index) => (keeps(index.at(-2)! - index.at(-1)! + offset) ? x.at(index) : 0),
  }));
}

/** An index for `gather` and `scatterAdd` on a shape. */
function indexFor(shape: Shape) {
  const axis = axisOf(shape.length);
  const along = fromStart(axis, shape.length);
  const size = shape[along]!;
  const indexed = shape.map((extent, i) => (i === along ? (size === 0 ? 0 : whole(0, 4)) : whole(0, extent)));
  return {
    axis,
    along,
    index: referenceOf(
      indexed,
      randomNested(indexed, () => position(size)),
    ),
  };
}

/** A public operand; without elements, nested arrays would not say all sizes. */
function publicOf(x: Reference): Nested | FloatTensor {
  return count(x.shape) > 0 ? nestedOf(x) : FloatTensor.zeros([...x.shape]);
}

function randomNested(shape: Shape, element: () => number): Nested {
  return nestedOf({ shape, at: element });
}

function whole(from: number, to: number): number {
  return from + Math.floor(uniform() * (to - from + 1));
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(uniform() * list.length)]!;
}
