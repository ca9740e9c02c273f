import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { Eventual } from "../eventual";
import { type RingVector, ring64 } from "../ring";
import { FloatTensor } from "./float-tensor";
import type { PadWidths, SliceRange } from "./layout";
import { LongTensor, longTensor } from "./long-tensor";
import type { Shape } from "./shape";
import type { Tensor } from "./tensor";

/** Nested arrays, or a number for a scalar. The test oracles do not use strides. */
type Nested = number | Nested[];

function build(shape: Shape, element: (index: number[]) => number, prefix: number[] = []): Nested {
  const [extent, ...rest] = shape;
  if (extent === undefined) return element(prefix);
  return Array.from({ length: extent }, (_, i) => build(rest, element, [...prefix, i]));
}

function at(nested: Nested, index: readonly number[]): number {
  return index.reduce((level, i) => (level as Nested[])[i]!, nested) as number;
}

/** Make a tensor of that shape whose elements are all different. */
function numbered(shape: Shape, from = 1): Nested {
  let next = from;
  return build(shape, () => next++);
}

function flat(nested: Nested): number[] {
  return [nested].flat(Infinity as 1) as number[];
}

/** One kind of tensor: how to make it, and what must hold for everything made from it. */
interface Kind {
  readonly name: string;
  /** Make tensors of these shapes and elements, apply `f`, check the result and return its elements. */
  run(
    operands: readonly (readonly [Shape, Nested])[],
    f: (tensors: Tensor[]) => Tensor,
  ): Promise<[Shape, unknown]>;
}

function vectorOf(nested: Nested): RingVector {
  return ring64.fromBigInts(flat(nested).map(BigInt));
}

function plain(tensor: LongTensor): unknown {
  const numbers = (value: unknown): unknown => (Array.isArray(value) ? value.map(numbers) : Number(value));
  return numbers(tensor.toArray());
}

const floats: Kind = {
  name: "FloatTensor",
  async run(operands, f) {
    const result = f(
      operands.map(([shape, nested]) => FloatTensor.from(Float64Array.from(flat(nested)), shape)),
    );
    expect(result).toBeInstanceOf(FloatTensor);
    return [result.shape, result.toArray()];
  },
};

function longs(name: string, fracBits: number, isShare: boolean, pending: boolean): Kind {
  return {
    name,
    async run(operands, f) {
      const sources = operands.map(([, nested]) => {
        if (!pending) return { vector: Eventual.of(vectorOf(nested)), settle: () => {} };
        let settle!: () => void;
        const promise = new Promise<RingVector>((resolve) => {
          settle = () => resolve(vectorOf(nested));
        });
        return { vector: new Eventual(promise, "The share"), settle };
      });
      const tensors = operands.map(([shape], i) =>
        longTensor(sources[i]!.vector, shape, fracBits, { isShare }),
      );
      const result = f(tensors) as LongTensor;
      expect(result).toBeInstanceOf(LongTensor);
      expect([result.fracBits, result.isShare, result.settled]).toEqual([fracBits, isShare, !pending]);
      const { shape } = result;
      for (const source of sources) source.settle();
      // A result is available as soon as its sources are.
      await Promise.all(sources.map(({ vector }) => vector.promise));
      return [shape, plain(result)];
    },
  };
}

const kinds = [
  floats,
  longs("LongTensor", 0, false, false),
  longs("a share", 16, true, false),
  longs("a share under way", 16, true, true),
];

const extents = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.constant(0),
  fc.constant(1),
);
const shapes = (minLength = 0): fc.Arbitrary<number[]> => fc.array(extents, { minLength, maxLength: 4 });
const axisOf = (shape: Shape) => fc.integer({ min: -shape.length, max: shape.length - 1 });
const fromStart = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

describe.each(kinds)("layouts of $name", ({ run }) => {
  /** Compare an operation on one tensor with its oracle. */
  function holds<P>(
    cases: fc.Arbitrary<readonly [shape: number[], parameters: P]>,
    operate: (tensor: Tensor, parameters: P) => Tensor,
    oracle: (nested: Nested, shape: number[], parameters: P) => readonly [Shape, Nested],
  ): Promise<void> {
    const property = fc.asyncProperty(cases, async ([shape, parameters]) => {
      const nested = numbered(shape);
      const result = await run([[shape, nested]], ([tensor]) => operate(tensor!, parameters));
      expect(result).toEqual(oracle(nested, shape, parameters));
    });
    return fc.assert(property, { numRuns: 200 });
  }

  /** Make an oracle from the source index of each element; where `source` returns undefined, the element is `value`. */
  function from(shape: Shape, nested: Nested, source: (index: number[]) => number[] | undefined, value = 0) {
    const element = (index: number[]) => {
      const place = source(index);
      return place ? at(nested, place) : value;
    };
    return [shape, build(shape, element)] as const;
  }

  it("reshape, with one size left open", () => {
    const cases = fc
      .tuple(shapes(), fc.boolean(), fc.nat())
      .map(([target, open, seed]) => {
        const size = target.reduce((a, b) => a * b, 1);
        const axis = target.length > 0 ? seed % target.length : -1;
        // If another axis has size 0, the open one could have any size.
        const hidden = open && axis >= 0 && target.every((extent, i) => i === axis || extent > 0);
        return { target, source: seed % 2 ? [size] : [1, size, 1], hide: hidden ? axis : -1 };
      })
      .map(({ source, ...rest }) => [source, rest] as const);
    return holds(
      cases,
      (tensor, { target, hide }) => tensor.reshape(...target.map((extent, i) => (i === hide ? -1 : extent))),
      (nested, _, { target }) => {
        const elements = flat(nested);
        let next = 0;
        return [target, build(target, () => elements[next++]!)];
      },
    );
  });

  it("flatten", () =>
    holds(
      shapes().map((shape) => [shape, null] as const),
      (tensor) => tensor.flatten(),
      (nested) => [[flat(nested).length], flat(nested)],
    ));

  it("permute", () => {
    const cases = shapes().chain((shape) => {
      const axes = shape.map((_, axis) => axis);
      return fc.tuple(fc.constant(shape), fc.shuffledSubarray(axes, { minLength: axes.length }));
    });
    return holds(
      cases,
      (tensor, order) => tensor.permute(...order),
      (nested, shape, order) =>
        from(
          order.map((axis) => shape[axis]!),
          nested,
          (index) => shape.map((_, axis) => index[order.indexOf(axis)]!),
        ),
    );
  });

  it("t and transpose", async () => {
    const swapped = (shape: Shape, a: number, b: number) => {
      const result = [...shape];
      [result[a], result[b]] = [shape[b]!, shape[a]!];
      return result;
    };
    await holds(
      shapes(2).map((shape) => [shape, shape.length] as const),
      (tensor) => tensor.t(),
      (nested, shape, rank) =>
        from(swapped(shape, rank - 2, rank - 1), nested, (index) => swapped(index, rank - 2, rank - 1)),
    );
    const cases = shapes(1).chain((shape) =>
      fc.tuple(fc.constant(shape), fc.tuple(axisOf(shape), axisOf(shape))),
    );
    await holds(
      cases,
      (tensor, [a, b]) => tensor.transpose(a, b),
      (nested, shape, axes) => {
        const [a, b] = axes.map((axis) => fromStart(axis, shape.length)) as [number, number];
        return from(swapped(shape, a, b), nested, (index) => swapped(index, a, b));
      },
    );
  });

  it("slice, with positions, open and negative ends and steps either way", () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }));
    const step = fc.option(fc.integer({ min: -3, max: 3 }).filter((by) => by !== 0));
    const range: fc.Arbitrary<SliceRange> = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(bound, bound, step) },
      fc.tuple(bound, bound),
      fc.constant(null),
      fc.constant([]),
    );
    const rangeOf = (extent: number) =>
      extent > 0
        ? fc.oneof({ weight: 3, arbitrary: range }, fc.integer({ min: -extent, max: extent - 1 }))
        : range;
    const cases = shapes().chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(...shape.map(rangeOf)).chain((all) => fc.nat(all.length).map((n) => all.slice(0, n))),
      ),
    );
    /** Use JavaScript's own slice, which clips as Python does; for a negative step, on the reversed list. */
    const walk = (extent: number, range: Exclude<SliceRange, number>): number[] => {
      const [start, end, step] = range ?? [];
      const by = step ?? 1;
      const list = Array.from({ length: extent }, (_, i) => i);
      if (by > 0) return list.slice(start ?? 0, end ?? extent).filter((_, i) => i % by === 0);
      const turned = (bound: number) => Math.max(0, bound < 0 ? -1 - bound : extent - 1 - bound);
      const [from, to] = [start == null ? 0 : turned(start), end == null ? extent : turned(end)];
      return list
        .reverse()
        .slice(from, to)
        .filter((_, i) => i % -by === 0);
    };
    const take = (nested: Nested, shape: Shape, ranges: readonly SliceRange[]): Nested => {
      const [range = null, ...rest] = ranges;
      if (shape.length === 0) return nested;
      const rows = nested as Nested[];
      if (typeof range === "number") return take(rows.at(range)!, shape.slice(1), rest);
      return walk(shape[0]!, range).map((i) => take(rows[i]!, shape.slice(1), rest));
    };
    return holds(
      cases,
      (tensor, ranges) => tensor.slice(...ranges),
      (nested, shape, ranges) => {
        const kept = shape.flatMap((extent, axis) => {
          const range = ranges[axis] ?? null;
          return typeof range === "number" ? [] : [walk(extent, range).length];
        });
        return [kept, take(nested, shape, ranges)];
      },
    );
  });

  it("pad", () => {
    const width = fc.nat(2);
    const cases = shapes().chain((shape) =>
      fc.tuple(fc.constant(shape), fc.tuple(...shape.map(() => fc.oneof(width, fc.tuple(width, width))))),
    );
    const sides = (width: number | readonly number[]) =>
      [width, width].map((w, i) => (typeof w === "number" ? w : w[i]!));
    return holds(
      cases,
      (tensor, widths) => tensor.pad(widths as PadWidths),
      (nested, shape, widths) =>
        from(
          shape.map((extent, axis) => sides(widths[axis]!).reduce((a, b) => a + b, extent)),
          nested,
          (index) => {
            const place = index.map((i, axis) => i - sides(widths[axis]!)[0]!);
            return place.every((i, axis) => i >= 0 && i < shape[axis]!) ? place : undefined;
          },
        ),
    );
  });

  it("broadcastTo", () => {
    const cases = fc
      .tuple(shapes(), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(2))
      .map(
        ([target, ones, dropped]) =>
          [target.slice(dropped).map((extent, i) => (ones[i] ? 1 : extent)), target] as const,
      );
    return holds(
      cases,
      (tensor, target) => tensor.broadcastTo(target),
      (nested, shape, target) =>
        from(target, nested, (index) =>
          index.slice(target.length - shape.length).map((i, axis) => (shape[axis] === 1 ? 0 : i)),
        ),
    );
  });

  it("squeeze and unsqueeze", async () => {
    const cases = shapes().chain((shape) =>
      fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length - 1, max: shape.length })),
    );
    const refilled = (nested: Nested, shape: Shape): readonly [Shape, Nested] => {
      const elements = flat(nested);
      let next = 0;
      return [shape, build(shape, () => elements[next++]!)];
    };
    await holds(
      cases,
      (tensor, axis) => tensor.unsqueeze(axis),
      (nested, shape, axis) => {
        const before = fromStart(axis, shape.length + 1);
        return refilled(nested, [...shape.slice(0, before), 1, ...shape.slice(before)]);
      },
    );
    await holds(
      cases,
      (tensor, axis) => tensor.unsqueeze(axis).squeeze(axis),
      (nested, shape) => [shape, nested],
    );
    await holds(
      cases,
      (tensor) => tensor.squeeze(),
      (nested, shape) =>
        refilled(
          nested,
          shape.filter((extent) => extent !== 1),
        ),
    );
  });

  it("concat and stack", async () => {
    const join = (tensors: Tensor[], how: "concat" | "stack", axis: number): Tensor =>
      tensors[0] instanceof LongTensor
        ? LongTensor[how](tensors as LongTensor[], axis)
        : FloatTensor[how](tensors as FloatTensor[], axis);
    const joined = (parts: Nested[], axis: number, rows: number): Nested =>
      axis === 0
        ? parts.flatMap((part) => part as Nested[])
        : Array.from({ length: rows }, (_, i) => {
            const inner = parts.map((part) => (part as Nested[])[i]!);
            return joined(inner, axis - 1, (inner[0] as Nested[]).length);
          });
    const concats = shapes(1).chain((shape) =>
      fc.tuple(fc.constant(shape), axisOf(shape), fc.array(extents, { minLength: 1, maxLength: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(concats, async ([shape, axis, sizes]) => {
        const along = fromStart(axis, shape.length);
        const operands = sizes.map((size, i) => {
          const part = shape.map((extent, a) => (a === along ? size : extent));
          return [part, numbered(part, 1000 * i)] as const;
        });
        const result = await run(operands, (tensors) => join(tensors, "concat", axis));
        const total = sizes.reduce((a, b) => a + b, 0);
        const parts = operands.map(([, nested]) => nested);
        const rows = along === 0 ? total : shape[0]!;
        expect(result).toEqual([shape.map((e, a) => (a === along ? total : e)), joined(parts, along, rows)]);
      }),
      { numRuns: 200 },
    );
    const stacked = (parts: Nested[], axis: number, rows: number): Nested =>
      axis === 0
        ? parts
        : Array.from({ length: rows }, (_, i) => {
            const inner = parts.map((part) => (part as Nested[])[i]!);
            return stacked(inner, axis - 1, Array.isArray(inner[0]) ? inner[0].length : 0);
          });
    const stacks = shapes().chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.integer({ min: -shape.length - 1, max: shape.length }),
        fc.integer({ min: 1, max: 3 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(stacks, async ([shape, axis, count]) => {
        const before = fromStart(axis, shape.length + 1);
        const operands = Array.from({ length: count }, (_, i) => [shape, numbered(shape, 1000 * i)] as const);
        const result = await run(operands, (tensors) => join(tensors, "stack", axis));
        const parts = operands.map(([, nested]) => nested);
        const expected = stacked(parts, before, shape[0] ?? 0);
        expect(result).toEqual([[...shape.slice(0, before), count, ...shape.slice(before)], expected]);
      }),
      { numRuns: 200 },
    );
  });
});
