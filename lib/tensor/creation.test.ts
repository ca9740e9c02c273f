import JSBI from "jsbi";
import { all, create, type Matrix } from "mathjs";
import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { FloatTensor } from "./float-tensor";
import { LongTensor } from "./long-tensor";

describe.each([
  { name: "FloatTensor", kind: FloatTensor, number: (x: number): number | bigint => x },
  { name: "LongTensor", kind: LongTensor, number: (x: number): number | bigint => BigInt(x) },
])("constructors of $name", ({ kind, number }) => {
  const rows = (matrix: number[][]) => matrix.map((row) => row.map(number));

  it("zeros, ones and full", () => {
    expect(kind.zeros(1, 2).toArray()).toEqual(rows([[0, 0]]));
    expect(kind.ones(2, 1).toArray()).toEqual(rows([[1], [1]]));
    expect(kind.ones().toArray()).toBe(number(1));
    for (const seven of [7, 7n, JSBI.BigInt(7)])
      expect(kind.full([2, 2], seven).toArray()).toEqual(
        rows([
          [7, 7],
          [7, 7],
        ]),
      );
    expect(kind.full([0, 3], 1).size()).toEqual([0, 3]);
    expect(() => kind.full([2, -1], 0)).toThrow(RangeError);
    expect(() => kind.full([1], "7" as never)).toThrow(TypeError);
  });

  it("eye is the identity of the matrix product", () => {
    expect(kind.eye(2, 3).toArray()).toEqual(
      rows([
        [1, 0, 0],
        [0, 1, 0],
      ]),
    );
    expect(kind.eye(3, 1).toArray()).toEqual(rows([[1], [0], [0]]));
    expect(kind.eye(0).size()).toEqual([0, 0]);
    const x = [
      [1, 2],
      [3, 4],
    ];
    expect(kind.eye(2).matmul(x).toArray()).toEqual(rows(x));
  });

  it("arange", () => {
    const integer = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(
        integer,
        integer,
        integer.filter((step) => step !== 0),
        (start, stop, step) => {
          const expected: number[] = [];
          for (let x = start; step > 0 ? x < stop : x > stop; x += step) expected.push(x);
          expect(kind.arange(start, stop, step).toArray()).toEqual(expected.map(number));
        },
      ),
    );
    expect(kind.arange(3).toArray()).toEqual([0, 1, 2].map(number));
    expect(() => kind.arange(0, 3, 0)).toThrow(
      "step must be a non-zero number that reaches from 0 to 3, got 0",
    );
    expect(() => kind.arange(0, Infinity)).toThrow(RangeError);
    expect(() => kind.arange(NaN)).toThrow(RangeError);
  });

  it("typed arrays are copied in and copied out", () => {
    const source = new Float64Array([1, 2]);
    const tensor = new kind(source);
    source[0] = 9;
    tensor.toTypedArray()[1] = number(9) as never;
    expect(tensor.toArray()).toEqual([1, 2].map(number));
  });

  it("converts to mathjs and back", () => {
    const math = create(all!, {});
    const x = new kind([
      [1, 2],
      [3, 4],
    ]);
    const matrix: Matrix = x.toMatrix();
    expect(math.isMatrix(matrix)).toBe(true);
    expect(matrix.size()).toEqual([2, 2]);
    expect(matrix.toArray()).toEqual(x.toArray());
    expect(new kind(matrix).equals(x)).toBe(true);
    expect(
      x.equals(
        math.matrix([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toBe(true);
    expect(new kind(math.multiply(matrix, matrix) as Matrix).equals(x.matmul(x as never))).toBe(true);
    expect(() => kind.full([], 1).toMatrix()).toThrow("toMatrix() needs at least one axis");
  });
});

describe("constructors of one class", () => {
  it("arange of fractions, for FloatTensor only", () => {
    expect(FloatTensor.arange(1, 0, -0.25).toArray()).toEqual([1, 0.75, 0.5, 0.25]);
    expect(() => LongTensor.arange(0, 1, 0.25)).toThrow(RangeError);
    expect(() => LongTensor.full([1], 0.5)).toThrow(RangeError);
    expect(() => LongTensor.full([1], 2n ** 63n)).toThrow(RangeError);
  });

  it("linspace reaches both ends exactly", () => {
    expect(FloatTensor.linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(FloatTensor.linspace(2, 3, 1).toArray()).toEqual([2]);
    expect(FloatTensor.linspace(2, 3, 0).toArray()).toEqual([]);
    expect(() => FloatTensor.linspace(0, 1, 1.5)).toThrow(RangeError);
    const end = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(end, end, fc.integer({ min: 2, max: 30 }), (start, stop, count) => {
        const { values } = FloatTensor.linspace(start, stop, count);
        expect([values[0], values.at(-1), values.length]).toEqual([start, stop, count]);
        const steps = Array.from(values.slice(1), (value, i) => value - values[i]!);
        for (const step of steps) expect(step).toBeCloseTo((stop - start) / (count - 1), 6);
      }),
    );
  });

  it("a FloatTensor names its type in JSON", () => {
    expect(JSON.parse(JSON.stringify(new FloatTensor([[1.5, 2]])))).toEqual({
      type: "FloatTensor",
      shape: [1, 2],
      values: [1.5, 2],
    });
  });
});
