import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { ring64 } from "../ring";
import { FloatTensor } from "./float-tensor";
import { type LongTensor, longTensor } from "./long-tensor";
import { type Shape, sizeOf } from "./shape";

/** A tensor for the test oracles: a shape, and a value for every index. */
interface Plain {
  readonly shape: number[];
  readonly values: number[];
}

/** List every index of a shape, the last axis fastest. */
function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) =>
      prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** Return the value at an index. Axes of size 1 repeat, and so do missing leading axes. */
function at({ shape, values }: Plain, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  const position = shape.reduce((sum, extent, axis) => sum * extent + (extent === 1 ? 0 : own[axis]!), 0);
  return values[position]!;
}

const extents = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constant(0));
const shapes = fc.array(extents, { maxLength: 4 });
const small = fc.integer({ min: -9, max: 9 });

function filled(shape: number[]): fc.Arbitrary<Plain> {
  const size = sizeOf(shape);
  return fc.array(small, { minLength: size, maxLength: size }).map((values) => ({ shape, values }));
}

/** Draw two tensors that broadcast to a shape: one has some axes of size 1, and one may lack leading axes. */
const meeting = fc
  .tuple(shapes, fc.array(fc.constantFrom(0, 1, 2), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean())
  .chain(([shape, ones, dropped, swap]) => {
    const left = shape.map((extent, i) => (ones[i] === 1 ? 1 : extent));
    const right = shape.map((extent, i) => (ones[i] === 2 ? 1 : extent)).slice(dropped);
    const pair = swap ? [right, left] : [left, right];
    return fc.tuple(filled(pair[0]!), filled(pair[1]!));
  });

/** NumPy's broadcasting rule, written again for the tests: undefined if the shapes do not match. */
function common(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const full = [a, b].map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  const merged = full[0]!.map((x, i) =>
    x === full[1]![i] || full[1]![i] === 1 ? x : x === 1 ? full[1]![i]! : -1,
  );
  return merged.includes(-1) ? undefined : merged;
}

type Either = FloatTensor | LongTensor;
/** The operations that both classes have. */
type Shared = "add" | "sub" | "mul" | "matmul";

const kinds = [
  {
    name: "FloatTensor",
    make: ({ shape, values }: Plain): Either => FloatTensor.from(Float64Array.from(values), shape),
  },
  {
    name: "LongTensor",
    make: ({ shape, values }: Plain): Either => longTensor(ring64.fromBigInts(values.map(BigInt)), shape, 0),
  },
];

function read(tensor: Either): Plain {
  // Adding 0 turns −0 into 0, because integers have no −0.
  return { shape: tensor.size(), values: [...tensor.toTypedArray()].map((value) => Number(value) + 0) };
}

function apply(operation: Shared, x: Either, y: Either): Either {
  return (x[operation] as (other: Either) => Either).call(x, y);
}

describe.each(kinds)("arithmetic of $name", ({ make }) => {
  it.each([
    ["add", (a: number, b: number) => a + b],
    ["sub", (a: number, b: number) => a - b],
    ["mul", (a: number, b: number) => a * b],
  ] as const)("%s broadcasts", (operation, f) => {
    fc.assert(
      fc.property(meeting, ([x, y]) => {
        const shape = common(x.shape, y.shape)!;
        const values = indicesOf(shape).map((index) => f(at(x, index), at(y, index)) + 0);
        expect(read(apply(operation, make(x), make(y)))).toEqual({ shape, values });
      }),
      { numRuns: 300 },
    );
  });

  it("takes nested arrays and numbers as the other operand", () => {
    const x = make({ shape: [2, 2], values: [1, 2, 3, 4] });
    expect(read(x.add([10, 20])).values).toEqual([11, 22, 13, 24]);
    expect(read(x.mul(3)).values).toEqual([3, 6, 9, 12]);
    expect(read(x.matmul([[1], [1]]))).toEqual({ shape: [2, 1], values: [3, 7] });
  });

  it("rejects shapes that do not match, and names both", () => {
    let refused = 0;
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        const [x, y] = [a, b].map((shape) => make({ shape, values: new Array(sizeOf(shape)).fill(1) }));
        const shape = common(a, b);
        if (shape) {
          expect(apply("mul", x!, y!).shape).toEqual(shape);
          return;
        }
        refused++;
        for (const operation of ["add", "sub", "mul"] as const) {
          expect(() => apply(operation, x!, y!)).toThrow(RangeError);
          expect(() => apply(operation, x!, y!)).toThrow(
            `${operation}: shapes [${a}] and [${b}] cannot be broadcast`,
          );
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(30);
  });

  it("neg", () => {
    fc.assert(
      fc.property(shapes.chain(filled), (x) => {
        expect(read(make(x).neg())).toEqual({ shape: x.shape, values: x.values.map((value) => 0 - value) });
      }),
    );
  });

  it("sum over any axes, with and without keepdim", () => {
    const cases = shapes.chain(filled).chain((x) => {
      const axes = x.shape.map((_, axis) => axis);
      const some = fc
        .subarray(axes)
        .chain((list) => fc.tuple(fc.constant(list), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })));
      return fc.tuple(fc.constant(x), fc.option(some), fc.boolean());
    });
    fc.assert(
      fc.property(cases, ([x, some, keepdim]) => {
        const rank = x.shape.length;
        const axes = some ? some[0].map((axis, i) => (some[1][i] ? axis - rank : axis)) : null;
        const gone = some ? some[0] : x.shape.map((_, axis) => axis);
        const kept = x.shape.map((extent, axis) => (gone.includes(axis) ? 1 : extent));
        const sums = new Map(indicesOf(kept).map((index) => [String(index), 0]));
        for (const index of indicesOf(x.shape)) {
          const to = String(index.map((i, axis) => (gone.includes(axis) ? 0 : i)));
          sums.set(to, sums.get(to)! + at(x, index));
        }
        const shape = keepdim ? kept : kept.filter((_, axis) => !gone.includes(axis));
        const expected = { shape, values: [...sums.values()] };
        expect(read(make(x).sum(axes, { keepdim }))).toEqual(expected);
        if (axes?.length === 1) expect(read(make(x).sum(axes[0]!, { keepDims: keepdim }))).toEqual(expected);
        if (axes === null && !keepdim) expect(read(make(x).sum())).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    const x = make({ shape: [2, 3], values: [1, 2, 3, 4, 5, 6] });
    expect(() => x.sum(2)).toThrow("sum: axis 2 is out of range for shape [2,3]; use -2 to 1");
    expect(() => x.sum([0, -2])).toThrow("sum: axes [0,-2] of shape [2,3] name one axis twice");
  });

  it("matmul of matrices, vectors and batches", () => {
    const size = fc.integer({ min: 0, max: 4 });
    const cases = fc
      .tuple(meeting, size, size, size, fc.constantFrom("matrix", "row", "column", "both"))
      .chain(([[a, b], m, k, n, vectors]) => {
        const left = vectors === "row" || vectors === "both" ? [k] : [...a.shape.slice(-2), m, k];
        const right = vectors === "column" || vectors === "both" ? [k] : [...b.shape.slice(-2), k, n];
        return fc.tuple(filled(left), filled(right));
      });
    fc.assert(
      fc.property(cases, ([x, y]) => {
        const a = x.shape.length === 1 ? { ...x, shape: [1, ...x.shape] } : x;
        const b = y.shape.length === 1 ? { ...y, shape: [...y.shape, 1] } : y;
        const batch = common(a.shape.slice(0, -2), b.shape.slice(0, -2))!;
        const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
        const values = indicesOf([...batch, m, n]).map((index) => {
          const [i, j] = index.slice(-2) as [number, number];
          const place = index.slice(0, -2);
          return Array.from(
            { length: k },
            (_, l) => at(a, [...place, i, l]) * at(b, [...place, l, j]),
          ).reduce((sum, product) => sum + product, 0);
        });
        const rows = x.shape.length === 1 ? [] : [m];
        const columns = y.shape.length === 1 ? [] : [n];
        const expected = { shape: [...batch, ...rows, ...columns], values: values.map((value) => value + 0) };
        expect(read(apply("matmul", make(x), make(y)))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("matmul rejects shapes that cannot be multiplied, and names both", () => {
    const pairs: [number[], number[]][] = [
      [
        [2, 3],
        [2, 3],
      ],
      [[3], [2]],
      [[], [2, 2]],
      [[2, 2], []],
      [
        [2, 2, 2],
        [3, 2, 2],
      ],
      [[2, 2], [3]],
    ];
    for (const [a, b] of pairs) {
      const [x, y] = [a, b].map((shape) => make({ shape, values: new Array(sizeOf(shape)).fill(1) }));
      expect(() => apply("matmul", x!, y!)).toThrow(RangeError);
      expect(() => apply("matmul", x!, y!)).toThrow(`shapes [${a}] and [${b}] have no matrix product`);
    }
  });
});

describe("FloatTensor", () => {
  const any = fc.double({ noDefaultInfinity: false });
  const few = fc.constantFrom(-Infinity, -1, -0, 0, 0.5, 1, Number.NaN, Infinity);
  const pairs = fc.array(fc.tuple(fc.oneof(any, few), fc.oneof(any, few)), { maxLength: 20 });

  it.each([
    ["div", (a: number, b: number) => a / b],
    ["eq", (a: number, b: number) => (a === b ? 1 : 0)],
    ["ne", (a: number, b: number) => (a === b ? 0 : 1)],
    ["lt", (a: number, b: number) => (a < b ? 1 : 0)],
    ["le", (a: number, b: number) => (a < b || a === b ? 1 : 0)],
    ["gt", (a: number, b: number) => (a > b ? 1 : 0)],
    ["ge", (a: number, b: number) => (a > b || a === b ? 1 : 0)],
  ] as const)("%s, element by element", (operation, f) => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [x, y] = [0, 1].map((side) => new FloatTensor(list.map((pair) => pair[side]!)));
        expect(x![operation](y!).toArray()).toEqual(list.map(([a, b]) => f(a, b)));
      }),
      { numRuns: 300 },
    );
    const x = new FloatTensor([[1], [2]]);
    expect(x[operation]([1, 2]).toArray()).toEqual([1, 2].map((a) => [1, 2].map((b) => f(a, b))));
    expect(() => x[operation]([[1], [2], [3]])).toThrow(
      `${operation}: shapes [2,1] and [3,1] cannot be broadcast`,
    );
  });

  it("abs and map", () => {
    const x = new FloatTensor([
      [-1.5, 0],
      [4, -0],
    ]);
    expect(x.abs().toArray()).toEqual([
      [1.5, 0],
      [4, 0],
    ]);
    expect(x.abs().map(Math.sqrt).at(1, 0).item()).toBe(2);
    // Pass the element only, so that functions with optional parameters behave as expected.
    expect(new FloatTensor([3, 3]).map(Math.max).toArray()).toEqual([3, 3]);
  });

  it("mean is the sum divided by the number of elements, and NaN for no elements", () => {
    const x = new FloatTensor([
      [1, 2, 6],
      [3, 4, 5],
    ]);
    expect(x.mean().item()).toBe(3.5);
    expect(x.mean(0).toArray()).toEqual([2, 3, 5.5]);
    expect(x.mean(-1, { keepdim: true }).toArray()).toEqual([[3], [4]]);
    expect(x.mean([0, 1], { keepDims: true }).toArray()).toEqual([[3.5]]);
    expect(FloatTensor.zeros(0, 2).mean(0).toArray()).toEqual([NaN, NaN]);
    expect(FloatTensor.zeros(2, 0).mean(0).shape).toEqual([0]);
    expect(() => x.mean(2)).toThrow("mean: axis 2 is out of range for shape [2,3]; use -2 to 1");
  });

  it("argmax returns the first largest element, or the first NaN", () => {
    const cases = fc.array(fc.oneof(small, few), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cases, (list) => {
        const largest = list.some(Number.isNaN) ? NaN : Math.max(...list);
        const first = list.findIndex(
          (value) => value === largest || (Number.isNaN(largest) && Number.isNaN(value)),
        );
        expect(new FloatTensor(list).argmax().item()).toBe(first);
        expect(new FloatTensor([list, list]).argmax(1).toArray()).toEqual([first, first]);
        expect(new FloatTensor([list, list]).t().argmax(-2).toArray()).toEqual([first, first]);
      }),
    );
    expect(
      new FloatTensor([
        [1, 5],
        [7, 2],
      ])
        .argmax()
        .item(),
    ).toBe(2);
    expect(
      new FloatTensor([
        [1, 5],
        [7, 2],
      ])
        .argmax(0)
        .toArray(),
    ).toEqual([1, 0]);
    expect(FloatTensor.zeros(0, 2).argmax(1).shape).toEqual([0]);
    expect(() => FloatTensor.zeros(0, 2).argmax(0)).toThrow(
      "argmax needs at least one element, and axis 0 of a tensor of shape [0,2] has none",
    );
    expect(() => FloatTensor.zeros(0).argmax()).toThrow(RangeError);
  });

  it("compares with nested arrays, exactly or within a tolerance", () => {
    const x = new FloatTensor([[1, 2.5]]);
    expect(x.equals([[1, 2.5]])).toBe(true);
    expect(x.equals([1, 2.5])).toBe(false);
    expect(x.equals([[1, 2.5000001]])).toBe(false);
    expect(x.allClose([[1, 2.5000001]])).toBe(true);
    expect(x.allClose([[1.01, 2.5]])).toBe(false);
    expect(x.allClose([[1.01, 2.49]], 0.02)).toBe(true);
    expect(x.allClose([[1], [2.5]], 10)).toBe(false);
    expect(new FloatTensor([Infinity]).allClose([Infinity])).toBe(true);
    expect(new FloatTensor([Infinity]).allClose([-Infinity])).toBe(false);
    expect(new FloatTensor([NaN]).equals([NaN])).toBe(false);
    expect(FloatTensor.zeros(0, 2).equals(FloatTensor.zeros(0, 3))).toBe(false);
  });
});
