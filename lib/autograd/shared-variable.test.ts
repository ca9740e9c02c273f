import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { withPair } from "../../test/support/pair";
import { fc } from "../../test/support/random";
import { math } from "../ops/mathjs";
import { swapShares } from "../primitives/swap-shares";
import type { DistributedInterface } from "../session/distributed-interface";
import { reconstruct, share } from "../sharing/share";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import { SharedVariable } from "./shared-variable";
import { Variable } from "./variable";

/** Every operation is held to the same in every mode. */
const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());
const modes = modesWith(dealer);

/** One unit in the last place. */
const ULP = 2 ** -16;

/** A secret of one party, brought in as the demo does it. */
function input(
  iface: DistributedInterface,
  owner: 0 | 1,
  values: FloatTensor,
  requiresGrad = false,
): SharedVariable {
  let own: LongTensor;
  if (iface.party === owner) {
    const [mine, theirs] = share(encode(values));
    swapShares(theirs, iface);
    own = mine;
  } else {
    own = swapShares(LongTensor.zeros(...values.shape), iface);
  }
  return new SharedVariable(new Variable(own, { requiresGrad }), iface);
}

function expectClose(actual: FloatTensor, expected: FloatTensor, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  actual.values.forEach((value, i) => {
    expect(Math.abs(value - expected.values[i]!)).toBeLessThanOrEqual(tolerance);
  });
}

/** Numbers of every magnitude up to 2^12, exact in fixed point so that only the protocol's error is seen. */
const entry = fc
  .tuple(fc.integer({ min: 0, max: 28 }), fc.integer({ min: -(2 ** 28), max: 2 ** 28 }))
  .map(([bits, x]) => Math.trunc(x / 2 ** (28 - bits)) / 2 ** 16);

const tensor = (rows: number, columns: number) =>
  fc
    .array(entry, { minLength: rows * columns, maxLength: rows * columns })
    .map((values) => FloatTensor.from(Float64Array.from(values), [rows, columns]));

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
);

describe.each(modes)("operations on shared values, $security $preprocessing", (mode) => {
  it("matmul, add, sub, neg and t agree with plain values, at most one unit off after a product", async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes.chain(([m, k, n]) => fc.tuple(tensor(m, k), tensor(k, n), tensor(1, n))),
        async ([x, y, b]) => {
          const results = await withPair(async (iface) => {
            const [sx, sy, sb] = [input(iface, 0, x), input(iface, 1, y), input(iface, 0, b)];
            return Promise.all([
              sx.matmul(sy).reveal(),
              sx.matmul(sy).add(sb).sub(sb.neg()).t().reveal(),
              sx.sub(sx.add(sx)).neg().reveal(),
            ]);
          }, mode);
          const product = x.matmul(y);
          for (const [matmul, mixed, same] of results) {
            expectClose(matmul!, product, ULP);
            expectClose(mixed!, product.add(b).add(b).t(), ULP);
            expectClose(same!, x, 0);
          }
          expect(results[0]).toEqual(results[1]);
        },
      ),
      { numRuns: mode.runs },
    );
  });

  it("mul broadcasts, and takes public operands on either side", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
          .chain(([m, n]) => fc.tuple(tensor(m, n), tensor(1, n), tensor(m, 1), tensor(n, 2), entry)),
        async ([x, row, column, right, c]) => {
          const [results] = await withPair(async (iface) => {
            const [sx, srow, scolumn] = [input(iface, 0, x), input(iface, 1, row), input(iface, 1, column)];
            return Promise.all([
              sx.mul(srow).reveal(),
              scolumn.mul(sx).reveal(),
              sx.mul(column).reveal(),
              sx.mul(3).reveal(),
              sx.mul(c).add(row).sub(column).reveal(),
              sx.matmul(right).reveal(),
              sx.t().matmulLeft(right.t()).reveal(),
              sx.sum().reveal(),
            ]);
          }, mode);
          const [a, b, d, triple, mixed, matmul, left, sum] = results;
          expectClose(a!, x.mul(row), ULP);
          expectClose(b!, column.mul(x), ULP);
          expectClose(d!, x.mul(column), ULP);
          expectClose(triple!, x.mul(3), 0);
          expectClose(mixed!, x.mul(c).add(row).sub(column), ULP);
          expectClose(matmul!, x.matmul(right), ULP);
          expectClose(left!, right.t().matmul(x.t()), ULP);
          expect(sum!.item()).toBe(x.values.reduce((total, value) => total + value, 0));
        },
      ),
      { numRuns: mode.runs },
    );
  });

  it("sigmoid is within 0.01 on [−8, 8]", async () => {
    const x = FloatTensor.from(
      Float64Array.from({ length: 33 }, (_, i) => (i - 16) / 2),
      [33],
    );
    const [result] = await withPair((iface) => input(iface, 0, x).sigmoid().reveal(), mode);
    expectClose(
      result,
      FloatTensor.from(
        x.values.map((v) => 1 / (1 + Math.exp(-v))),
        [33],
      ),
      0.01,
    );
  });

  it("keep integers whole, without truncation or error", async () => {
    const [result] = await withPair(async (iface) => {
      const [own, other] = share(new LongTensor([[7, -3]]));
      const mine = iface.party === 0 ? own : swapShares(LongTensor.zeros(1, 2), iface, { fracBits: 0 });
      if (iface.party === 0) swapShares(other, iface);
      const x = new SharedVariable(mine, iface);
      expect(x.mul(x).fracBits).toBe(0);
      return x.mul(x).sub(1).reveal();
    }, mode);
    expect(result.toArray()).toEqual([[48, 8]]);
  });

  it("refuse JavaScript's own operators, and public values that do not fit", async () => {
    await withPair(async (iface) => {
      const x = input(iface, 0, new FloatTensor([1])) as unknown as number;
      expect(() => x + 1).toThrow(/secret/);
      expect(() => x > 1).toThrow(/secret/);
      expect(() => Number(x)).toThrow(TypeError);
      const y = x as unknown as SharedVariable;
      expect(() => y.add(2 ** 50)).toThrow(RangeError);
      expect(() => y.mul(Number.NaN)).toThrow(RangeError);
      await iface.settled();
      const word = String((y.data.toArray() as bigint[])[0]);
      for (const text of [`${y}`, `${y.data}`, `${y.var}`, JSON.stringify({ y })])
        expect(text).not.toContain(word);
    }, mode);
  });

  it("check shapes, sessions and shares before a byte is sent", async () => {
    await withPair(async (iface) => {
      const x = input(iface, 0, new FloatTensor([[1, 2]]));
      expect(() => x.matmul(x)).toThrow(RangeError);
      expect(() => x.add(new FloatTensor([1, 2, 3]))).toThrow(RangeError);
      expect(() => x.sum().t()).toThrow(RangeError);
      await iface.settled();
      expect(() => x.add(x.data)).toThrow(/share is not a public value/);
      expect(() => new SharedVariable(new Variable([1]), undefined as never)).toThrow(TypeError);
    }, mode);
  });
});

describe.each(modes)("backward, $security $preprocessing", (mode) => {
  it("gives the demo's gradient 6, 6 and output 12 on both sides", async () => {
    const results = await withPair(async (iface) => {
      const data = input(iface, 1, new FloatTensor([[3, 3]]));
      const weights = input(iface, 0, new FloatTensor([[2], [2]]), true);
      const output = data.matmul(weights);
      output.backward(new LongTensor([[1]]));
      expect(data.grad).toBeUndefined();
      return Promise.all([weights.grad!.reveal(), output.reveal()]);
    }, mode);
    for (const [gradient, output] of results) {
      expect(gradient.toArray()).toEqual([[6], [6]]);
      expect(output.toArray()).toEqual([[12]]);
    }
  });

  it("agrees with finite differences through every operation", async () => {
    const x0 = new FloatTensor([
      [0.5, -1.25],
      [1.5, 0.25],
    ]);
    const w0 = new FloatTensor([[0.75], [-0.5]]);
    const b0 = new FloatTensor([[0.125]]);
    const sigmoid = (t: FloatTensor) =>
      FloatTensor.from(
        t.values.map((v) => 1 / (1 + Math.exp(-v))),
        t.shape,
      );
    const loss = (x: FloatTensor, w: FloatTensor, b: FloatTensor) => {
      const p = sigmoid(x.matmul(w).add(b));
      const q = p
        .sub([[1], [0]])
        .mul(0.5)
        .neg();
      return q
        .mul(q)
        .add(
          w
            .t()
            .matmul([[1], [2]])
            .mul(3),
        )
        .values.reduce((s, v) => s + v, 0);
    };
    const [results] = await withPair(async (iface) => {
      const [x, w, b] = [input(iface, 0, x0, true), input(iface, 1, w0, true), input(iface, 0, b0, true)];
      const p = x.matmul(w).add(b).sigmoid();
      const q = p
        .sub([[1], [0]])
        .mul(0.5)
        .neg();
      const result = q
        .mul(q)
        .add(
          w
            .t()
            .matmul([[1], [2]])
            .mul(3),
        )
        .sum();
      result.backward();
      return Promise.all([x, w, b].map((leaf) => leaf.grad!.reveal()));
    }, mode);
    const inputs = [x0, w0, b0];
    inputs.forEach((leaf, which) => {
      leaf.values.forEach((_, i) => {
        const moved = (step: number) => {
          const values = Float64Array.from(leaf.values);
          values[i]! += step;
          const args = inputs.map((t, j) => (j === which ? FloatTensor.from(values, t.shape) : t));
          return loss(args[0]!, args[1]!, args[2]!);
        };
        const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        // The sigmoid's polynomial is within 0.01, and enters the gradient a few times.
        expect(Math.abs(results[which]!.values[i]! - numeric)).toBeLessThan(0.02);
      });
    });
  });

  it("adds up gradients over calls and over uses, and visits each node once", async () => {
    const [gradient] = await withPair(async (iface) => {
      const x = input(iface, 0, new FloatTensor([[1.5]]), true);
      let y = x;
      for (let i = 0; i < 12; i++) y = y.add(y);
      y.backward();
      y.backward();
      return x.grad!.reveal();
    }, mode);
    expect(gradient.item()).toBe(2 * 2 ** 12);
  });

  it("throws an error that names what is missing", async () => {
    await withPair(async (iface) => {
      const x = input(iface, 0, new FloatTensor([[1, 2]]), true);
      expect(() => x.backward()).toThrow(/needs an upstream gradient/);
      expect(() => x.backward(new LongTensor([1]))).toThrow(RangeError);
      expect(() => x.backward([["1", 1]] as never)).toThrow(TypeError);
      expect(() => new SharedVariable(5 as never, iface)).toThrow(TypeError);
      expect(() => x.mul(1e-17)).toThrow(RangeError);
      expect(() => math.mad(x as never)).toThrow(/not available/);
      expect(() => reconstruct([encode([1]), encode([[1]])])).toThrow(RangeError);
      expect(() => x.detach().backward(new LongTensor([[1, 1]]))).toThrow(TypeError);
    }, mode);
  });
});

describe.each(modes)("mathjs on secrets, $security $preprocessing", (mode) => {
  it("multiplies, adds and evaluates formulas", async () => {
    const data0 = new FloatTensor([[3, 3]]);
    const weights0 = new FloatTensor([[2], [2]]);
    const [results] = await withPair(async (iface) => {
      const [data, weights] = [input(iface, 1, data0), input(iface, 0, weights0)];
      return Promise.all(
        [
          math.multiply(data, weights),
          math.evaluate("data * weights", { data, weights }) as SharedVariable,
          math.evaluate("2 * data .* weights' - data + 1", { data, weights }) as SharedVariable,
          math.multiply([[1, 1]], weights),
          math.multiply(math.matrix([[1, 1]]), weights),
          math.subtract(1, data),
          math.unaryMinus(math.transpose(data)),
          math.evaluate("sum(data) / 4", { data }) as SharedVariable,
          math.mean(data),
        ].map((x) => x.reveal()),
      );
    }, mode);
    expect(results.map((x) => x.toArray())).toEqual([
      [[12]],
      [[12]],
      [[10, 10]],
      [[4]],
      [[4]],
      [[-2, -2]],
      [[-3], [-3]],
      1.5,
      3,
    ]);
    expect(math.multiply([[3, 3]], [[2], [2]])).toEqual([[12]]);
  });
});
