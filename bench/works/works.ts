/** The work on which we are measured beside other systems; bench/reference/peers/works.py has the same for them. */

import type { SharedVariable } from "../../lib/autograd/shared-variable";
import "../../lib/ops/methods";
import "../../lib/ops/plain-methods";
import { FloatTensor } from "../../lib/tensor/float-tensor";

export interface Work {
  /** What it is, as a table says it. */
  readonly title: string;
  /** What is counted, and how many there are. */
  readonly unit: string;
  readonly amount: number;
  readonly operands: readonly FloatTensor[];
  /** On secrets; FloatTensor has the same methods, so it runs in the clear too, which gives the error. */
  compute(...operands: readonly SharedVariable[]): SharedVariable;
  /** Less of it, for modes that take longer. */
  readonly few?: number;
}

const ULP = 2 ** -16;

/** Numbers that are exact at 16 fractional bits, from a generator that is the same everywhere (Park and Miller, 1988). */
function numbers(seed: number) {
  let state = seed;
  return (shape: readonly number[], low = -1, high = 1) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = Float64Array.from({ length: size }, () => {
      state = (state * 48271) % 2147483647;
      return Math.round((low + ((high - low) * state) / 2147483647) / ULP) * ULP;
    });
    return FloatTensor.from(values, shape);
  };
}

const draw = numbers(7);
const [MANY, SOME] = [100_000, 10_000];

function elementwise(
  title: string,
  amount: number,
  low: number,
  high: number,
  name: "relu" | "sigmoid" | "exp" | "reciprocal" | "sqrt",
): Work {
  return {
    ...{ title: `${title}, ${amount / 1000}k`, unit: "1/s", amount, few: 1000 },
    operands: [draw([amount], low, high)],
    compute: (x) => x![name](),
  };
}

function matrices(title: string, m: number, k: number, n: number): Work {
  return {
    title,
    unit: "1/s",
    amount: 1,
    operands: [draw([m, k]), draw([k, n])],
    compute: (x, y) => x!.matmul(y!),
  };
}

function dense(title: string, rows: number): Work {
  return {
    ...{ title, unit: "images/s", amount: rows },
    operands: [draw([rows, 784], 0), draw([784, 128], -1 / 16, 1 / 16), draw([128, 10], -1 / 4, 1 / 4)],
    compute: (x, w1, w2) => x!.matmul(w1!).relu().matmul(w2!),
  };
}

/** Logistic regression: one epoch in batches of 64, at rate 0.5. */
function epoch(rows: SharedVariable, labels: SharedVariable, start: SharedVariable): SharedVariable {
  let weights = start;
  for (let from = 0; from < 569; from += 64) {
    const to = Math.min(569, from + 64);
    const [x, y] = [rows.slice([from, to]), labels.slice([from, to])];
    const error = x.matmul(weights).sigmoid().sub(y);
    weights = weights.sub(
      x
        .t()
        .matmul(error)
        .mul(0.5 / (to - from)),
    );
  }
  return weights;
}

export const WORKS: Readonly<Record<string, Work>> = {
  products: {
    ...{ title: "products of numbers, 100k", unit: "1/s", amount: MANY, few: SOME },
    operands: [draw([MANY], -8, 8), draw([MANY], -8, 8)],
    compute: (x, y) => x!.mul(y!),
  },
  compare: {
    ...{ title: "comparisons, 100k", unit: "1/s", amount: MANY, few: SOME },
    operands: [draw([MANY], -1000, 1000), draw([MANY], -1000, 1000)],
    compute: (x, y) => x!.lt(y!),
  },
  relu: elementwise("ReLU", MANY, -1000, 1000, "relu"),
  sigmoid: elementwise("sigmoid", SOME, -8, 8, "sigmoid"),
  exp: elementwise("exp", SOME, -2, 2, "exp"),
  reciprocal: elementwise("reciprocal", SOME, 0.25, 8, "reciprocal"),
  sqrt: elementwise("square root", SOME, 0.25, 8, "sqrt"),
  softmax: {
    ...{ title: "softmax over 10, 1,000 rows", unit: "rows/s", amount: 1000, few: 100 },
    operands: [draw([1000, 10], -4, 4)],
    compute: (x) => x!.softmax(1),
  },
  std: {
    ...{ title: "standard deviation of 1M", unit: "1/s", amount: 1, few: SOME },
    operands: [draw([1_000_000], -8, 8)],
    compute: (x) => x!.std(),
  },
  "matmul-128": matrices("128×128 · 128×128", 128, 128, 128),
  "matmul-256": matrices("256×256 · 256×256", 256, 256, 256),
  thin: matrices("1×784 · 784×128", 1, 784, 128),
  "dense-1": dense("784-128-10 with ReLU, one image", 1),
  "dense-128": dense("784-128-10 with ReLU, 128 images", 128),
  logistic: {
    ...{ title: "logistic regression 569×30, an epoch", unit: "1/s", amount: 1 },
    operands: [draw([569, 30]), draw([569, 1], 0, 1).map((x) => Math.round(x)), FloatTensor.zeros(30, 1)],
    compute: (rows, labels, start) => epoch(rows!, labels!, start!),
  },
  conv: {
    ...{ title: "convolution of 28×28 by 8 filters of 5×5", unit: "1/s", amount: 1 },
    operands: [draw([1, 1, 28, 28]), draw([8, 1, 5, 5])],
    compute: (x, y) => x!.conv2d(y!),
  },
};
