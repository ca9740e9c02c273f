/** Small inputs that gave wrong numbers once, each with the right one. */
import JSBI from "jsbi";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { fast, withPair } from "../../test/support/pair";
import type { PublicInput } from "../autograd/operand";
import { SharedVariable } from "../autograd/shared-variable";
import "../autograd/input";
import { Variable } from "../autograd/variable";
import { swapShares } from "../primitives/swap-shares";
import type { DistributedInterface } from "../session/distributed-interface";
import { plan } from "../session/plan/plan";
import { share } from "../sharing/share";
import { decode, encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import * as ops from "./all";
import { math } from "./mathjs";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

const ULP = 2 ** -16;
const BIG = 2n ** 53n + 1n;

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Any = any;

/** Compute on one secret of party 0, and reveal the result. */
async function compute(
  value: Parameters<DistributedInterface["input"]>[1],
  run: (x: SharedVariable, iface: DistributedInterface) => SharedVariable,
  mode: typeof fast | ReturnType<typeof modesWith>[number] = fast,
  requiresGrad = false,
): Promise<FloatTensor> {
  const [result] = await withPair(async (iface) => {
    const x = await iface.input(0, typeof value === "function" ? value : () => value as never, {
      requiresGrad,
    });
    return run(x, iface).reveal();
  }, mode);
  return result;
}

function expectNear(
  actual: FloatTensor,
  expected: readonly number[],
  tolerance = ULP * (1 + 2 ** -14),
): void {
  const values = [...actual.values];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `element ${i} is ${value}`).toBeLessThanOrEqual(
      tolerance + Math.abs(expected[i]!) * 2 ** -29,
    );
  });
}

const repeated = (count: number, value: number) => () => new Float64Array(count).fill(value);

describe("a product or a quotient by a public number", () => {
  it.each([1000, 50_000, 100_000, 131_072])("the mean of %i ones is 1", async (count) => {
    expectNear(await compute(repeated(count, 1), (x) => math.mean(x)), [1]);
  });

  it.each([
    [[768], 20, [38.4]],
    [[5_000_000], 50, [100_000]],
    [[7e8], 70_000, [10_000]],
    [[1, 666, 6660, 100_000], 666, [1 / 666, 1, 10, 100_000 / 666]],
    [[3e13], 1e9, [30_000]],
    [[-96], 64, [-1.5]],
    [[0.5], 0.001, [500]],
  ])("%j / %d", async (x, y, expected) => {
    expectNear(await compute(x, (secret) => math.divide(secret, y)), expected);
    expectNear(await compute(x, (secret) => secret.div(y)), expected);
    expectNear(await compute(x, (secret) => secret.div(x.map(() => y))), expected);
  });

  it.each(modesWith(dealer))(
    "a mean may be as large as its hover says, $security $preprocessing",
    async (mode) => {
      const values = Array.from({ length: 7 }, (_, i) => 2 ** 37 - 1.25 - i / 8);
      const [means] = await withPair(async (iface) => {
        const x = await iface.input(0, () => values);
        return Promise.all([3, 7].map((count) => x.slice([0, count]).mean().reveal()));
      }, mode);
      [3, 7].forEach((count, i) => {
        const sum = values.slice(0, count).reduce((total, value) => total + value);
        expect(Math.abs(means[i]!.item() - sum / count)).toBeLessThanOrEqual(ULP * (1 + 2 ** -8));
      });
    },
  );

  it("is exact by a power of two", async () => {
    expect((await compute([96, -5, 0.5], (x) => x.div([64, 4, 2]))).toArray()).toEqual([1.5, -1.25, 0.25]);
  });

  it("of integers is fixed point", async () => {
    const result = await compute([7n, -1n], (x) => {
      expect(x.div(1).fracBits).toBe(16);
      expect(x.mul(0.5).fracBits).toBe(16);
      expect(x.mul(3).fracBits).toBe(0);
      return x.div(3).add(x.mul(0.001));
    });
    expectNear(result, [7 / 3 + 0.007, -1 / 3 - 0.001], 2 * ULP);
  });

  it("has gradients as exact", async () => {
    const ofMean = await compute(
      repeated(100_000, 1),
      (x) => {
        math.mean(x).backward();
        return x.grad!.sum();
      },
      fast,
      true,
    );
    // Each is 1e-5, which is 0.65536 of an ulp: 1e5 of them are either 0 or one ulp.
    expect(ofMean.item()).toBeGreaterThanOrEqual(0);
    expect(ofMean.item()).toBeLessThanOrEqual(100_000 * ULP);
    const ofDiv = await compute(
      [3, 4],
      (x) => {
        x.div([1e-3, 666]).backward([1, 1000]);
        return x.grad!;
      },
      fast,
      true,
    );
    expectNear(ofDiv, [1000, 1000 / 666]);
  });

  it.each([
    ["1e8 · 1e-6", [1e8], (x: SharedVariable) => x.mul([1e-6]), [100]],
    ["1e6 · 1e-5 as matrices", [[1e6]], (x: SharedVariable) => x.matmul([[1e-5]]), [10]],
    ["the same from the left", [[1e6]], (x: SharedVariable) => ops.matmul([[1e-5]], x), [10]],
    ["· 0.001", [1000, 20_000], (x: SharedVariable) => x.mul(0.001), [1, 20]],
    [
      "by mathjs's own numbers",
      [1000, 3],
      (x: SharedVariable) => x.mul(math.bignumber("0.001") as never).add(math.fraction(1, 4) as never),
      [1.25, 0.253],
    ],
  ] as const)("%s", async (_, x, run, expected) => {
    expectNear(await compute(x, run), expected);
  });

  it("takes one truncation where the factor has few bits, and the plan counts them all", async () => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [1, 2, 3], { shape: [3] });
      const rounds = (run: () => unknown) => plan(run).rounds;
      expect(rounds(() => x.mul(3))).toBe(0);
      expect(rounds(() => x.mul(0.5))).toBe(1);
      expect(rounds(() => x.mul([1.25, 0.75, -3]))).toBe(1);
      expect(rounds(() => x.mul(0.1))).toBe(2);
      expect(rounds(() => x.div(1024))).toBe(1);
      expect(rounds(() => x.div(10))).toBe(3);
    });
  });

  it("throws where it is sure to overflow or to vanish", async () => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [1, 2]);
      const whole = await iface.input(0, () => [1n, 2n]);
      expect(() => x.mul(2 ** 46)).toThrow(RangeError);
      expect(() => x.mul([0.5, 2 ** 46])).toThrow("mul: 70368744177664 at [1] is out of range");
      expect(() => whole.mul(2n ** 62n)).toThrow(RangeError);
      expect(() => whole.mul([0.5, 2 ** 46])).toThrow(RangeError);
      expect(() => whole.add([0.5, 2 ** 46])).toThrow(RangeError);
      expect(() => x.add(2 ** 46)).toThrow(RangeError);
      expect(() => x.mul(1e-17)).toThrow("mul: a factor of 1e-17 makes every product zero");
      expect(() => x.div(0)).toThrow("div: division by 0; divisors must not be 0");
      expect(() => x.div([1, 0])).toThrow("div: division by 0 at [1]");
      expect(() => x.div(Number.POSITIVE_INFINITY)).toThrow("div: Infinity is out of range");
      expect(() => x.div(1e-300)).toThrow(RangeError);
      expect(() => math.divide(x, [1, 2] as never)).toThrow("./");
    });
  });

  it("tells different factors apart that agree in all but their lowest bits", async () => {
    await expect(
      withPair(async (iface) => {
        const x = await iface.input(0, () => [1]);
        return x.mul(iface.party === 0 ? 0.1 : 0.1 + 2 ** -32).reveal();
      }),
    ).rejects.toThrow("different public operands");
  });
});

describe("precision", () => {
  it("is limited to what products allow", async () => {
    await expect(withPair(async () => undefined, { ...fast, precision: 30 })).rejects.toThrow(
      "precision must be an integer from 0 to 24 fractional bits, got 30: products must stay below 2^(62 − 2·precision)",
    );
    const [results] = await withPair(
      async (iface) => {
        const x = await iface.input(0, () => [5, 1.9, -0.3]);
        return Promise.all([x.mul(x).reveal(), x.mul(0.1).reveal(), x.div(7).reveal()]);
      },
      { ...fast, precision: 24 },
    );
    const ulp = 2 ** -22;
    expectNear(results[0]!, [25, 3.61, 0.09], ulp);
    expectNear(results[1]!, [0.5, 0.19, -0.03], ulp);
    expectNear(results[2]!, [5 / 7, 1.9 / 7, -0.3 / 7], ulp);
  });

  it.each([0, 4, 8, 9, 12])("of %i bits multiplies by public factors too", async (precision) => {
    const ulp = 2 ** -precision;
    const [results] = await withPair(
      async (iface) => {
        const x = await iface.input(0, () => [5000, 2 ** 20, -31]);
        return Promise.all([x.mul(0.001).reveal(), x.mul([1 / 3, 1e-6, 1e-9]).reveal(), x.div(666).reveal()]);
      },
      { ...fast, precision },
    );
    const near = ulp * 1.3;
    expectNear(results[0]!, [5, 1048.576, -0.031], near);
    expectNear(results[1]!, [5000 / 3, 1.048576, 0], near);
    expectNear(results[2]!, [5000 / 666, 2 ** 20 / 666, -31 / 666], near);
  });
});

describe("integers", () => {
  const words = [2n ** 63n - 1n, -(2n ** 63n), BIG, -BIG, 0n];

  it.each(modesWith(dealer))(
    "are exact over all 64 bits in and out, $security $preprocessing",
    async (mode) => {
      const [outcome] = await withPair(async (iface) => {
        const x = await iface.input(0, () => words);
        const sum = x.add([-1n, 1n, 0n, 0n, BIG]);
        return Promise.all([
          x.reveal({ integers: true }),
          sum.reveal({ integers: true }),
          x.reveal({ integers: true, to: 0 }),
        ]);
      }, mode);
      expect(outcome[0]!.toArray()).toEqual(words);
      expect(outcome[0]!.isShare).toBe(false);
      expect(outcome[1]!.toArray()).toEqual([2n ** 63n - 2n, 1n - 2n ** 63n, BIG, -BIG, BIG]);
      expect(outcome[2]!.toArray()).toEqual(words);
    },
  );

  it("beyond 2^53 are not revealed as numbers", async () => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [BIG]);
      await expect(x.reveal()).rejects.toThrow("reveal({ integers: true })");
      await expect(iface.reveal({ x })).rejects.toThrow("x.reveal({ integers: true })");
      const to = await x.reveal({ to: 1 }).catch((error: unknown) => error);
      if (iface.party === 1) expect(String(to)).toContain("reveal({ integers: true })");
      else expect(to).toBeUndefined();
      expect((await x.sub(1).reveal()).item()).toBe(2 ** 53);
      expect(await x.reveal({ integers: true, to: 1 })).toEqual(
        iface.party === 1 ? expect.any(LongTensor) : undefined,
      );
    });
  });

  it("of every form are exact as operands", async () => {
    const [results] = await withPair(async (iface) => {
      const x = await iface.input(0, () => [1n]);
      const jsbi = JSBI.BigInt(BIG.toString());
      const forms: PublicInput[] = [BIG, [BIG], jsbi, [jsbi], new LongTensor([BIG]), BigInt64Array.of(BIG)];
      const mathjs = [math.bignumber(BIG.toString()), math.fraction(BIG.toString())] as unknown as bigint[];
      return Promise.all(
        [...forms, ...mathjs].flatMap((form) =>
          [x.add(form), ops.sub(form, x).add(1), x.mul(form)].map(async (each) =>
            (await each.reveal({ integers: true })).toArray(),
          ),
        ),
      );
    });
    results.forEach((result, i) => {
      expect([result].flat(), `form ${i}`).toEqual([i % 3 === 0 ? BIG + 1n : BIG]);
    });
  });

  it("are encoded exactly", () => {
    expect(encode(BIG, { fracBits: 0 }).item()).toBe(BIG);
    expect(encode([JSBI.BigInt(BIG.toString())], { fracBits: 0 }).toArray()).toEqual([BIG]);
    expect(encode([math.bignumber("0.1") as never]).toArray()).toEqual(encode([0.1]).toArray());
    expect(decode(encode([math.fraction(-3, 8) as never])).toArray()).toEqual([-0.375]);
    expect(new LongTensor([math.bignumber(BIG.toString()) as never]).toArray()).toEqual([BIG]);
  });

  it("become fixed point with float(), and can have a gradient then", async () => {
    const result = await compute([3n, -4n], (x) => {
      const fixed = x.float();
      expect(fixed.fracBits).toBe(16);
      return fixed.mul(0.5);
    });
    expect(result.toArray()).toEqual([1.5, -2]);
  });

  it("reveal with integers refuses fixed point, and unknown options", async () => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [1.5]);
      expect(() => x.reveal({ integers: true })).toThrow("this value has 16 fractional bits");
      expect(() => (x as Any).reveal({ integer: true })).toThrow(
        'reveal: unknown option "integer"; did you mean',
      );
      expect(() => (x as Any).reveal({ integers: 1 })).toThrow(TypeError);
      expect(() => (iface as Any).reveal({ x }, { too: 0 })).toThrow(TypeError);
      expect(() => (iface as Any).reveal(x)).toThrow(TypeError);
      expect(() => (iface as Any).reveal({ x, y: 3 })).toThrow("got 3 as y");
    });
  });
});

describe("what is not a number", () => {
  const wrong: [unknown, string][] = [
    [true, "a boolean"],
    [null, "null"],
    ["7", "a string"],
    [math.unit("2 cm"), "a Unit"],
    [math.index(1), "an Index"],
    [new Date(0), "a Date"],
  ];

  it.each(wrong)("%s is refused by name and index", async (value, name) => {
    const message = (operation: string, what: string) => new RegExp(`^${operation}: .*(${name}).*${what}`);
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [[1, 2]]);
      await expect(iface.input(0, (() => [[1, value]]) as Any)).rejects.toThrow(
        iface.party === 0 ? message("input", "values must be numbers") : /party 0/,
      );
      expect(() => x.add([[1, value]] as Any)).toThrow(message("add", "operands must be numbers"));
      expect(() => x.mul(value as Any)).toThrow(TypeError);
      expect(() => encode([[1, value]] as Any)).toThrow(message("encode", "must be numbers"));
      expect(() => iface.lift([[1, value]] as Any)).toThrow(message("lift", "values must be numbers"));
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("%d neither", async (value) => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [[1, 2]]);
      const named = `${value} at [0,1]`;
      for (const run of [
        () => x.add([[1, value]]),
        () => x.mul([[1, value]]),
        () => x.div([[1, value]]),
        () => x.matmul([[1, value]].flatMap((row) => row.map((each) => each)).map((each) => [each])),
        () => encode([[1, value]]),
        () => iface.lift([[1, value]]),
      ])
        expect(run).toThrow(RangeError);
      expect(() => x.add([[1, value]])).toThrow(`add: ${named}`);
      expect(() => encode([[1, value]])).toThrow(`encode: ${named}`);
      expect(() => encode([[Number.NaN]])).toThrow("encode: NaN at [0,0]; replace missing values first");
    });
  });

  it("mathjs takes its own numbers on either side", async () => {
    const [results] = await withPair(async (iface) => {
      const x = await iface.input(0, () => [1, 2]);
      const three = math.bignumber(3) as unknown as number;
      const all = [
        math.add(three, x),
        math.add(x, math.fraction(3, 1) as unknown as number),
        math.multiply(three, x),
        math.subtract(3n as unknown as number, x),
        math.divide(x, three),
        math.dotDivide(x, [2, 0.5] as never),
        math.evaluate("x / 4 + x ./ [1, 2]", { x }) as SharedVariable,
      ];
      return Promise.all(all.map((each) => each.reveal()));
    });
    const expected = [
      [4, 5],
      [4, 5],
      [3, 6],
      [2, 1],
      [1 / 3, 2 / 3],
      [0.5, 4],
      [1.25, 1.5],
    ];
    results.forEach((result, i) => {
      expectNear(result, expected[i]!, 2 * ULP);
    });
  });
});

describe.each(modesWith(dealer))("empty tensors, $security $preprocessing", (mode) => {
  const empty = (...shape: number[]) => FloatTensor.from(new Float64Array(0), shape);

  it("multiply to zeros, forward and backward, and pass every operation", async () => {
    const outcomes = await withPair(async (iface) => {
      const options = { requiresGrad: true };
      const x = await iface.input(0, () => empty(2, 0), options);
      const y = await iface.input(1, () => empty(0, 3), options);
      const none = await iface.input(1, () => empty(0), options);
      const product = x.matmul(y);
      product.backward(FloatTensor.ones(2, 3));
      const rest = [
        none.mul(none.add(1)),
        none.mul(0.1),
        none.div(3),
        none.square(),
        none.pow(3),
        none.sin(),
        none.neg().sub([1]),
        x.matmul(empty(0, 3)),
        ops.matmul(empty(2, 0), y),
        none.float(),
      ];
      const all = [product, x.grad!, y.grad!, ...rest, none.sum()];
      return Promise.all(all.map((each) => each.reveal()));
    }, mode);
    for (const [product, ofX, ofY, ...rest] of outcomes) {
      expect(product!.toArray()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(ofX!.shape).toEqual([2, 0]);
      expect(ofY!.shape).toEqual([0, 3]);
      expect(rest.map(({ shape }) => shape)).toEqual([
        ...Array.from({ length: 7 }, () => [0]),
        [2, 3],
        [2, 3],
        [0],
        [],
      ]);
    }
  });

  it("values that both parties know become secrets without a message, and several open with one check", async () => {
    const [outcomes] = await withPair(async (iface) => {
      await iface.settled();
      const [a, b] = await iface.inputs(iface.party === 0 ? [1, 2.5] : [3, -4]);
      await iface.settled();
      const before = iface.costs().total.bytesSent;
      const c = iface.lift([0.5, 1]);
      await iface.settled();
      expect(iface.costs().total.bytesSent - before).toBeLessThan(64);
      const revealed = await iface.reveal({ a, b, c, product: a.mul(c), count: iface.lift([7n]) });
      const one = await iface.reveal({ a, b }, { to: 1 });
      expect(one === undefined).toBe(iface.party === 0);
      if (one) expect(one.b.toArray()).toEqual([3, -4]);
      return Object.entries(revealed).map(([name, { values }]) => [name, [...values]]);
    }, mode);
    expect(outcomes).toEqual([
      ["a", [1, 2.5]],
      ["b", [3, -4]],
      ["c", [0.5, 1]],
      ["product", [0.5, 2.5]],
      ["count", [7]],
    ]);
  });
});

describe("shares and plain values", () => {
  it("are told apart", async () => {
    await withPair(async (iface) => {
      const [mine] = share(encode([1]));
      expect(() => new SharedVariable(encode([1]), iface)).toThrow(/iface.input.*iface.lift/);
      expect(() => new SharedVariable(new Variable([1]), iface)).toThrow(TypeError);
      expect(() => mine.add(encode([1]))).toThrow("a share and a plain tensor cannot be added");
      expect(() => encode([1]).sub(mine)).toThrow(TypeError);
      expect(mine.add(mine).isShare).toBe(true);
      expect(() => iface.lift(mine)).toThrow(TypeError);
      expect(() => (iface as Any).lift([1], { grad: true })).toThrow('lift: unknown option "grad"');
      expect(() => iface.lift([1n], { requiresGrad: true })).toThrow("float()");
      await expect((iface as Any).inputs()).rejects.toThrow(TypeError);
      expect(() => (encode as Any)([1], { fracbits: 8 })).toThrow(
        'encode: unknown option "fracbits"; did you mean',
      );
      expect(() => new (Variable as Any)(mine, { requiresgrad: true })).toThrow(TypeError);
      expect(() => (swapShares as Any)(mine, iface, { bits: 8 })).toThrow(
        'swapShares: unknown option "bits"',
      );
    });
  });

  it("a different lifted value is a DesyncError", async () => {
    await expect(withPair(async (iface) => iface.lift([iface.party]).add([1]).reveal())).rejects.toThrow(
      "different public operands",
    );
  });

  it("backward takes an upstream gradient that counts once, and a share as the demo does", async () => {
    const [outcomes] = await withPair(async (iface) => {
      const gradients: FloatTensor[] = [];
      const factor = await iface.input(1, () => [2, 4]);
      for (const upstream of [
        [1, 1],
        new FloatTensor([1, 1]),
        await iface.input(0, () => [1, 1]),
        LongTensor.ones(2),
      ]) {
        const x = await iface.input(0, () => [1, 3], { requiresGrad: true });
        x.mul(factor).backward(upstream);
        expect(x.grad!.fracBits).toBe(16);
        gradients.push(await x.grad!.reveal());
      }
      const leaf = await iface.input(0, () => [1, 3], { requiresGrad: true });
      leaf.sum().backward();
      expect(leaf.grad!.fracBits).toBe(16);
      gradients.push(await leaf.grad!.reveal());
      expect(() => leaf.mul(2).backward([1])).toThrow(RangeError);
      expect(() => leaf.mul(2).backward([true, 1] as Any)).toThrow("backward: a boolean at [0]");
      return gradients.map(({ values }) => [...values]);
    });
    expect(outcomes).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
      [4, 8],
      [1, 1],
    ]);
  });
});

it("types name what reveal gives", () => {
  const check = (x: SharedVariable, iface: DistributedInterface) => {
    expectTypeOf(x.reveal()).toEqualTypeOf<Promise<FloatTensor>>();
    expectTypeOf(x.reveal({ integers: true })).toEqualTypeOf<Promise<LongTensor>>();
    expectTypeOf(x.reveal({ to: 0 })).toEqualTypeOf<Promise<FloatTensor | undefined>>();
    expectTypeOf(x.reveal({ to: 0, integers: true })).toEqualTypeOf<Promise<LongTensor | undefined>>();
    expectTypeOf(iface.reveal({ x }).then(({ x: opened }) => opened)).toEqualTypeOf<Promise<FloatTensor>>();
  };
  expect(check).toBeTypeOf("function");
});
