/** Toy operations of every form: several tensors in and out, lists, options, saved values. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { checkCosts, checkValues, exampleCases, randomCases } from "../../test/support/operations";
import { withPair } from "../../test/support/pair";
import type { Operand, PublicInput } from "../autograd/operand";
import type { SharedVariable } from "../autograd/shared-variable";
import { combine, negate } from "../primitives/add";
import { times } from "../primitives/multiply";
import { detach } from "../primitives/shared-tensor";
import { square } from "../primitives/square";
import type { DistributedInterface } from "../session/distributed-interface";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import { timesConstant } from "./constant";
import { type AnyOp, defineOp } from "./define";
import { overloadsOf } from "./mathjs";
import { addMethods, type Methods } from "./methods";
import type { Value } from "./signature";
import * as term from "./term";

interface AffineOptions<T = Operand> {
  readonly bias?: T;
  readonly scale?: number;
}

/** Both results have a gradient, and either may be unused. */
const sumAndDifference = defineOp({
  parameters: { x: "operand", other: "operand" },
  forward: (x, other) => ({ sum: term.add(x, other), difference: term.sub(x, other) }),
  gradient: ({ sum, difference }) => [
    () => (sum && difference ? combine("add", sum, difference) : (sum ?? difference)),
    () => {
      const rest = difference && negate(difference);
      return sum && rest ? combine("add", sum, rest) : (sum ?? rest);
    },
  ],
  plain: (x: FloatTensor, other: FloatTensor) => ({ sum: x.add(other), difference: x.sub(other) }),
  bound: 0,
  examples: [
    [
      [1.5, -2],
      [[0.25], [3]],
    ],
  ],
});

/** Saves a mask: x where the mask is 1; the mask is the square of a secret sign, as a comparison would make it. */
const masked = defineOp({
  parameters: { x: "operand", sign: "argument" },
  forward: (x, sign) => {
    const mask = square(timesConstant(x, sign));
    return { result: times(x, mask), saved: { mask, factor: 3 } };
  },
  gradient: (g, { saved: { mask, factor } }) => [() => timesConstant(times(g, mask), factor)],
  plain: (x: FloatTensor, sign: number) => x.map((element) => element * (element * sign) ** 2),
  bound: {
    text: "a few units in the last place",
    of: (ulp, x) => ulp * (2 + Math.max(0, ...x.abs().values)),
  },
  domain: [-16, 16],
  examples: [[[1.5, -2, 0], 1]],
});

/** A list of tensors, and no method. */
const total = defineOp({
  parameters: { tensors: "operands", sign: "argument" },
  forward: (tensors, sign) => {
    const [first, ...rest] = [...tensors].sort((a, b) => Number(term.isSecret(b)) - Number(term.isSecret(a)));
    const sum = rest.reduce<term.Term>((a, b) => term.add(a, b), first!);
    return sign === -1 ? negate(sum as never) : (sum as never);
  },
  gradient: (g, _made, tensors, sign) => tensors.map(() => () => (sign === -1 ? negate(g) : g)),
  plain: (tensors: readonly FloatTensor[], sign?: number) =>
    tensors.reduce((a, b) => a.add(b)).mul(sign === -1 ? -1 : 1),
  bound: 0,
  examples: [
    [
      [
        [1.5, -2],
        [[0.25], [3]],
        [7, 8],
      ],
      -1,
    ],
    [[[1], [2]]],
  ],
});

/** An operand among the options. */
const affine = defineOp({
  parameters: { x: "operand", options: { bias: "operand", scale: "argument" } },
  forward: (x, { bias, scale = 1 } = {}) => {
    const scaled = term.isSecret(x) ? timesConstant(x, scale) : x;
    return bias ? term.add(scaled, bias) : (scaled as never);
  },
  gradient: (g, _made, _x, { scale = 1 } = {}) => [() => timesConstant(g, scale), () => g],
  plain: (x: FloatTensor, { bias = new FloatTensor(0), scale = 1 }: AffineOptions<FloatTensor> = {}) =>
    x.mul(scale).add(bias),
  bound: 0,
  examples: [[[1.5, -2], { scale: 2 }]],
});

/** No gradient flows through it; one of its results is detached all the same. */
const rounds = defineOp({
  forward: (x) => ({ twice: combine("add", x, x), same: detach(x) }),
  gradient: ({ twice }) => [() => twice && combine("add", twice, twice)],
  plain: (x: FloatTensor) => ({ twice: x.add(x), same: x }),
  bound: 0,
  examples: [[[1, 2]]],
});

const flat = defineOp({
  hint: "for two axes write flat([0, 1])",
  parameters: { x: "operand", axes: "argument", options: { keepdim: "argument" } },
  forward: negate,
  plain: (x: FloatTensor, _axes?: number | readonly number[] | null, _options?: { keepdim?: boolean }) =>
    x.neg(),
  bound: 0,
  examples: [[[1, 2]]],
  mathjs: { mode: true },
});

const toys = { sumAndDifference, masked, total, affine, rounds, flat };
const prototype = {};
addMethods(prototype, toys);

/** A secret with the methods of the toys. */
type Toy = SharedVariable & Methods<typeof toys>;

async function secretOf(iface: DistributedInterface, values: FloatTensor, requiresGrad = true): Promise<Toy> {
  const x = await iface.input(0, iface.party === 0 ? values : undefined, { requiresGrad });
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    Object.defineProperty(x, name, { value });
  return x as Toy;
}

describe("the suite takes", () => {
  it.each([
    ["several results", sumAndDifference],
    ["lists of operands", total],
    ["options", affine],
    ["an operation without gradient", flat],
  ] as [string, unknown][])("%s", async (_, toy) => {
    const op = toy as AnyOp;
    await checkValues(op, [...exampleCases(op), ...randomCases(op, 10)]);
    for (const each of exampleCases(op)) await checkCosts(op, each);
  });

  it("the example of docs/add-an-operation.md", async () => {
    const [example] = /(?<=```ts\n)[^`]*/.exec(
      readFileSync(join(__dirname, "../../docs/add-an-operation.md"), "utf8"),
    )!;
    const file = join(mkdtempSync(join(tmpdir(), "spdzlab-operation-")), "cube.ts");
    const lib = join(__dirname, "..");
    writeFileSync(file, example.replaceAll('"../../', `"${lib}/`).replaceAll('"../', `"${lib}/ops/`));
    const { cube: op } = await import(/* @vite-ignore */ file);
    rmSync(dirname(file), { recursive: true });
    addMethods({}, { cube: op });
    await checkValues(op, [...exampleCases(op), ...randomCases(op, 10)]);
    for (const each of exampleCases(op)) await checkCosts(op, each);
  });

  it("saved values, which reach the gradient outside the graph", async () => {
    // Three times x² is the gradient of x³, and of what is masked by x².
    const op = masked as unknown as AnyOp;
    await checkValues(op, exampleCases(op));
  });
});

describe("the suite finds", () => {
  const wrong = (changes: object) => {
    const op = defineOp({ ...sumOfSquares, ...changes } as typeof sumOfSquares);
    addMethods({}, { op });
    return op as unknown as AnyOp;
  };
  const sumOfSquares = {
    parameters: { x: "operand", other: "operand" },
    forward: (x: term.Term, other: term.Term) => term.mul(x, other),
    gradient: (g: never, _made: unknown, x: term.Term, other: term.Term) => [
      () => term.mul(g, other),
      () => term.mul(g, x),
    ],
    plain: (x: FloatTensor, other: FloatTensor) => x.mul(other),
    bound: 1,
    examples: [
      [
        [0.375, -2.3],
        [1.7, 0.3],
      ],
    ],
  } as const;

  it("no fault in a correct operation", async () => {
    const op = wrong({});
    await checkValues(op, exampleCases(op));
  });

  it.each([
    ["a wrong value", { plain: (x: FloatTensor, y: FloatTensor) => x.mul(y).add(2 ** -12) }, /element 0 is/],
    ["a bound that is too small", { bound: 0.01 }, /within/],
    [
      "a gradient of the wrong sign",
      { gradient: (g: never) => [() => negate(g), () => g] },
      /gradient of operand/,
    ],
    ["a missing gradient", { gradient: () => [] }, /gradient of operand 0/],
  ])("%s", async (_, changes, message) => {
    const op = wrong(changes);
    await expect(checkValues(op, exampleCases(op))).rejects.toThrow(message);
  });
});

describe("an operation", () => {
  it("has several results, whose gradients add up even if one is unused", async () => {
    const values = new FloatTensor([3, -1]);
    const outcomes = await withPair(async (iface) => {
      const [x, y] = [await secretOf(iface, values), await secretOf(iface, values)];
      const { sum, difference } = x.sumAndDifference(y);
      sum.add(difference.mul(3)).sum().backward();
      const only = x.sumAndDifference([1, 1]).difference;
      only.sum().backward();
      return Promise.all([x.grad!, y.grad!].map((grad) => grad.reveal()));
    });
    for (const [ofX, ofY] of outcomes) {
      expect(ofX!.toArray()).toEqual([5, 5]);
      expect(ofY!.toArray()).toEqual([-2, -2]);
    }
  });

  it("computes gradients only for secrets that require one", async () => {
    const [kinds] = await withPair(async (iface) => {
      const [x, y] = [
        await secretOf(iface, new FloatTensor([2])),
        await secretOf(iface, new FloatTensor([3]), false),
      ];
      const product = x.mul(y);
      await iface.settled();
      const before = iface.costs().byKind.find(([kind]) => kind === "mul")![1].operations;
      product.sum().backward();
      await iface.settled();
      expect(y.grad).toBeUndefined();
      return iface.costs().byKind.find(([kind]) => kind === "mul")![1].operations - before;
    });
    expect(kinds).toBe(1);
  });

  it("detaches the results that it declares so, and all if it has no gradient", async () => {
    await withPair(async (iface) => {
      const x = await secretOf(iface, new FloatTensor([2]));
      const { twice, same } = x.rounds();
      expect([twice.requiresGrad, same.requiresGrad, x.flat().requiresGrad]).toEqual([true, false, false]);
      twice.add(same).sum().backward();
      expect((await x.grad!.reveal()).toArray()).toEqual([2]);
    });
  });

  it("that returns its operand makes a handle of its own", async () => {
    await withPair(async (iface) => {
      const x = await secretOf(iface, new FloatTensor([2]));
      const y = x.pow(1);
      y.mul(x).sum().backward();
      expect((await x.grad!.reveal()).toArray()).toEqual([4]);
    });
  });

  it("on a value and itself is a square, in both directions", async () => {
    const [kinds] = await withPair(async (iface) => {
      const x = await secretOf(iface, new FloatTensor([3]));
      x.mul(x).sum().backward();
      expect((await x.grad!.reveal()).toArray()).toEqual([6]);
      return iface.costs().byKind.map(([kind, { operations }]) => `${operations} ${kind}`);
    });
    expect(kinds).toContain("1 square");
    expect(kinds).toContain("1 mul");
  });

  it("takes a list of operands, and an operand among options", async () => {
    const [results] = await withPair(async (iface) => {
      const x = await secretOf(iface, new FloatTensor([2]));
      const y = await secretOf(iface, new FloatTensor([5]));
      const ofList = total([x, [1], y, x], -1) as SharedVariable;
      const ofOption = affine([4], { bias: y }) as SharedVariable;
      ofList.add(ofOption).backward();
      const sums = [total([x, y]), x.affine({ bias: y, scale: 3 }), ofOption, ofList];
      return Promise.all([...sums, x.grad!, y.grad!].map(async (sum) => (await sum.reveal()).item()));
    });
    expect(results).toEqual([7, 11, 9, -10, -2, 0]);
    expect("total" in prototype).toBe(false);
  });

  it("of public operands only is plain", () => {
    expect(sumAndDifference([3], 1).difference.toArray()).toEqual([2]);
    expect(total([[1], new LongTensor([2])]).toArray()).toEqual([3]);
    expect(affine(1, { bias: [2, 3] }).toArray()).toEqual([3, 4]);
  });

  it("refuses wrong arguments before anything is computed, also from JavaScript", async () => {
    await withPair(async (iface) => {
      const x = await secretOf(iface, new FloatTensor([[2]]));
      await iface.settled();
      const before = iface.costs().total.operations;
      const wrong: [() => unknown, string][] = [
        [
          () => (x as never as Any).flat(0, {}, 1),
          "flat takes axes and options; for two axes write flat([0, 1])",
        ],
        [() => (x as never as Any).neg(0), "neg takes no arguments; got 1"],
        [() => (x as never as Any).sum(0, 1), "sum takes axes and options; for two axes write sum([0, 1])"],
        [
          () => x.sum(0, { keepDim: true } as never),
          'sum: unknown option "keepDim"; did you mean "keepdim"?',
        ],
        [() => x.sum("0" as never), "sum: an axis must be a number, got '0'"],
        [() => (x as never as Any).add(1, 2), "add takes other; got 2"],
        [
          () => (x as never as Any).flat(0, { keepDim: true }),
          'flat: unknown option "keepDim"; did you mean "keepdim"?',
        ],
        [
          () => (x as never as Any).flat(0, { axis: 1 }),
          'flat: unknown option "axis"; the options are "keepdim"',
        ],
        [
          () => (x as never as Any).flat(0, true),
          "flat: options must be an object such as { keepdim: … }, got true",
        ],
        [
          () => (x as never as Any).affine(x),
          "affine: options must be an object such as { bias: … }, got Shared",
        ],
        [() => (x as never as Any).add(), "add: other is missing; pass a SharedVariable or a public value"],
        [
          () => (total as never as (x: unknown) => unknown)(x),
          "total: tensors must be a list of at least one tensor",
        ],
        [
          () => (total as never as (x: unknown) => unknown)([]),
          "total: tensors must be a list of at least one tensor",
        ],
        [() => x.mul([true] as never), "mul: a boolean at [0]; operands must be numbers"],
        [() => x.mul([[1, null]] as never), "mul: null at [0,1]; operands must be numbers"],
        [() => x.matmul([[x]] as never), "matmul: a SharedVariable at [0,0]; operands must be numbers"],
        [() => x.add("3" as never), "add: a string; operands must be numbers"],
        [() => x.pow("2" as never), "pow: a string; operands must be numbers"],
        [() => x.cumsum(x as never), "cumsum: axis must be public, got SharedVariable(1×1, party"],
      ];
      for (const [call, message] of wrong) {
        expect(call, message).toThrow(TypeError);
        expect(call).toThrow(message);
      }
      expect(() => x.pow(Number.NaN)).toThrow(RangeError);
      await iface.settled();
      expect(iface.costs().total.operations).toBe(before);
    });
  });

  it("has its types from its plain meaning", () => {
    const check = async (x: Toy, u: Value) => {
      expectTypeOf(x.sumAndDifference).toEqualTypeOf<
        (other: Operand) => { sum: SharedVariable; difference: SharedVariable }
      >();
      expectTypeOf(x.masked).toEqualTypeOf<(sign: number) => SharedVariable>();
      expectTypeOf(x.affine(undefined)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(sumAndDifference(1, x).sum).toEqualTypeOf<SharedVariable>();
      expectTypeOf(sumAndDifference(1, [2]).sum).toEqualTypeOf<FloatTensor>();
      expectTypeOf(sumAndDifference(u, 1).sum).toEqualTypeOf<Value>();
      expectTypeOf(total([x, x])).toEqualTypeOf<SharedVariable>();
      expectTypeOf(total([1, x])).toEqualTypeOf<SharedVariable>();
      expectTypeOf(total([1, u])).toEqualTypeOf<Value>();
      expectTypeOf(masked([1], 2)).toEqualTypeOf<FloatTensor>();
      expectTypeOf<Parameters<typeof x.add>>().toEqualTypeOf<[other: Operand]>();
      expectTypeOf<PublicInput>().toExtend<Operand>();
      // @ts-expect-error an operation on lists has no method
      x.total;
      // @ts-expect-error no such option
      x.affine({ bias: x, size: 1 });
    };
    expect(check).toBeTypeOf("function");
  });

  it("extends mathjs by its operands and arguments", () => {
    const of = (op: unknown) => Object.keys(overloadsOf({ op: op as AnyOp })["mode"]!);
    expect(of(flat)).toEqual(["SharedVariable", "SharedVariable, any", "SharedVariable, any, any"]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Any = any;
