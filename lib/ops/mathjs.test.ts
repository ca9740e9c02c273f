import { describe, expect, test } from "vitest";
import { withPair } from "../../test/support/pair";
import "../autograd/input";
import "./methods";
import type { SharedVariable } from "../autograd/shared-variable";
import { math } from "./mathjs";

type Loose = (...args: unknown[]) => unknown;

const matrix = [
  [1, 2],
  [3, 4],
];

/** Reveal what a call gives on the matrix. */
const on = (call: (x: SharedVariable) => unknown, values: unknown = matrix) =>
  withPair(async (iface) => {
    const x = await iface.input(0, () => values as number[][]);
    const result = call(x) as SharedVariable;
    return (await result.reveal()).toArray();
  }).then(([first]) => first);

const formula = (text: string) => (x: SharedVariable) => math.evaluate(text, { x });

describe("mathjs's own conventions on secrets", () => {
  test.each<[string, (x: SharedVariable) => unknown, unknown]>([
    ["sum(x)", (x) => math.sum(x), 10],
    ["sum(x, 0)", (x) => math.sum(x, 0), [4, 6]],
    ["mean(x, 0)", (x) => math.mean(x, 0), [2, 3]],
    ["variance(x)", (x) => math.variance(x), 5 / 3],
    ["variance(x, 1, uncorrected)", (x) => math.variance(x, 1, "uncorrected"), [0.25, 0.25]],
    ["max(x, 1)", (x) => math.max(x, 1), [2, 4]],
    ["min(x)", (x) => math.min(x), 1],
    [
      "cumsum(x, 1)",
      (x) => math.cumsum(x, 1),
      [
        [1, 3],
        [3, 7],
      ],
    ],
    [
      "pow(x, 3)",
      (x) => math.pow(x, 3),
      [
        [37, 54],
        [81, 118],
      ],
    ],
    ["reshape(x, [4])", (x) => math.reshape(x, [4]), [1, 2, 3, 4]],
    ["flatten(x)", (x) => math.flatten(x), [1, 2, 3, 4]],
    [
      "concat(x, x)",
      (x) => math.concat(x, x),
      [
        [1, 2, 1, 2],
        [3, 4, 3, 4],
      ],
    ],
    [
      "concat([[0, 0]], x, 0)",
      (x) => (math.concat as Loose)([[0, 0]], x, 0),
      [
        [0, 0],
        [1, 2],
        [3, 4],
      ],
    ],
    ["subset(x, index(0, [0, 1]))", (x) => math.subset(x, math.index(0, [0, 1])), [[1, 2]]],
    ["subset(x, index(1, 1))", (x) => math.subset(x, math.index(1, 1)), 4],
  ])("%s in a call", async (_, call, expected) => {
    const found = await on(call);
    if (typeof expected === "number") expect(found).toBeCloseTo(expected, 3);
    else expect(found).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["sum(x, 1)", [4, 6]],
    ["sum(x, 2)", [3, 7]],
    ["mean(x, 2)", [1.5, 3.5]],
    ["variance(x, 1)", [2, 2]],
    [
      "x ^ 2",
      [
        [7, 10],
        [15, 22],
      ],
    ],
    [
      "x .^ 2",
      [
        [1, 4],
        [9, 16],
      ],
    ],
    [
      "concat(x, x, 1)",
      [
        [1, 2],
        [3, 4],
        [1, 2],
        [3, 4],
      ],
    ],
    ["sum(x - mean(x, 1), 1)", [0, 0]],
    ['sort(flatten(x), "desc")', [4, 3, 2, 1]],
    ["bitAnd(2, 3) + sum(x)", 12],
    ["(1 > 2 ? 5 : 6) + sum(x)", 16],
    ["subset(x, index(2, 1))", 3],
    ["size(x)[1] * sum(x)", 20],
    ["max(x, 1) - min(x, 1)", [2, 2]],
    ["sum([1, 2; 3, 4], 1) + sum(x, 1)", [8, 12]],
    ["concat([1, 2], [3]) + sum(x)", [11, 12, 13]],
    ["mean([1, 2; 3, 4], 1) + sum(x)", [12, 13]],
    ["std([1, 2; 5, 6], 1) + sum(x)", [12.828427, 12.828427]],
    ["std(x, 1)", [Math.SQRT2, Math.SQRT2]],
    ["norm(flatten(subset(x, index(1, [1, 2]))))", 2.236068],
    ["sqrt(x) .* exp(log(x))", [1, 2.828427, 5.196152, 8]],
    ["sum(x) / mean(x)", 4],
    ["x .^ 0.5 + sin(x) .^ 2 + cos(x) .^ 2", [2, 2.414214, 2.732051, 3]],
    ["1 ./ x", [1, 0.5, 0.333333, 0.25]],
  ])("%s in a formula", async (text, expected) => {
    const found = await on(formula(text));
    const near = (value: unknown) => Math.round(1e3 * Number(value));
    expect([found].flat(3).map(near)).toEqual([expected].flat(3).map(near));
  });

  test.each<[string, (x: SharedVariable) => unknown, RegExp]>([
    ["a negative dimension", (x) => math.sum(x, -1), /sum: a dimension counts from 0, got -1/],
    ["dimension 0 in a formula", formula("sum(x, 0)"), /sum: a dimension counts from 1 in a formula, got 0/],
    ["a dimension that does not exist", (x) => math.sum(x, 2), /sum: axis 2 is out of range/],
    ["a power that is not whole", formula("x ^ 0.5"), /\^ takes a whole number from 0, got 0.5/],
    ["a power of a vector", formula("sum(x, 1) ^ 2"), /write \.\^/],
    ["mad", (x) => (math.mad as unknown as Loose)(x), /mad is not available on a shared value/],
    ["the norm of a matrix", formula("norm(x)"), /norm takes a vector/],
    ["prod on either side", formula("prod(2, x)"), /prod is not available on a shared value/],
    ["or", formula("x or 1"), /or is not available on a shared value; write x.logicalOr\(y\)/],
    ["a condition", formula("x ? 1 : 2"), /not available on a shared condition; write spdz.where\(a, b, c\)/],
    ["median", formula("median(x)"), /median is not available on a shared value; write x.median\(\)/],
    [
      "an order that is a function",
      (x) => math.sort(x, ((a: number) => a) as never),
      /sort takes "asc" or "desc"/,
    ],
    ["prod", formula("prod(x)"), /prod is not available on a shared value/],
    ["division by a secret matrix", formula("1 / x"), /a single number as its divisor/],
  ])("refuses %s", async (_, call, message) => {
    await expect(on(call)).rejects.toThrow(message);
  });
});
