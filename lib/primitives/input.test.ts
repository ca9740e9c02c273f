import { all, create } from "mathjs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { createPair, fast, withPair } from "../../test/support/pair";
import "../autograd/input";
import type { SharedVariable } from "../autograd/shared-variable";
import { DesyncError, TransportError } from "../errors";
import type { DistributedInterface } from "../session/distributed-interface";
import { setHost } from "../session/host/host";
import { plan } from "../session/plan/plan";
import { share } from "../sharing/share";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import type { InputOptions, InputValue } from "./input";
import { decodeHeader, encodeHeader, type Header, MAX_VALUES } from "./input-header";

const dealer = createDealer();
const modes = modesWith(dealer);
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());
afterEach(() => setHost(undefined));

/** The values at the owner, nothing at the other party. */
const given = (iface: DistributedInterface, owner: 0 | 1, value: InputValue, options?: InputOptions) =>
  iface.input(owner, iface.party === owner ? value : undefined, options);

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

describe.each(modes)("an input, $security with $preprocessing", (mode) => {
  test("has the owner's value and shape, and can be used like any secret", async () => {
    const results = await withPair(async (iface) => {
      const x = await iface.input(0, () => [
        [1.5, -2, 3],
        [0, 4, 5],
      ]);
      const y = await given(iface, 1, 2, { requiresGrad: true });
      const product = x.mul(y).sum();
      product.backward();
      const numbers = await Promise.all([product.reveal(), y.grad!.reveal()]);
      return { shapes: [x.shape, y.shape], numbers: numbers.map((each) => each.toArray()) };
    }, mode);
    for (const { shapes, numbers } of results) {
      expect(shapes).toEqual([[2, 3], []]);
      expect(numbers).toEqual([23, 11.5]);
    }
  });

  test("can be revealed to one party only, which leaves its gradient unchanged", async () => {
    const results = await withPair(async (iface) => {
      const x = await iface.input(0, () => [3, 4], { requiresGrad: true });
      const square = x.mul(x);
      const to = [await square.reveal({ to: 0 }), await square.reveal({ to: 1 })];
      square.sum().backward();
      return [...to, await x.grad!.reveal({ to: 0 })].map((value) => value?.toArray());
    }, mode);
    expect(results).toEqual([
      [[9, 16], undefined, [6, 8]],
      [undefined, [9, 16], undefined],
    ]);
  });

  test("waits only for its owner: operations issued meanwhile keep their order", async () => {
    const results = await withPair(async (iface) => {
      // The parties run at different paces, and each has an input the other waits for.
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const a = await iface.input(0, () => [2, 3]);
      if (iface.party === 1) await pause(30);
      const slow = iface.input(0, async () => {
        await pause(60);
        return [[10], [20]];
      });
      const early = a.mul(a);
      const quick = iface.input(1, () => [5, 7]);
      const product = early.mul(a).reveal();
      if (iface.party === 0) await pause(10);
      const last = iface.input(1, async () => [1, 1, 1]);
      const [x, y, z] = await Promise.all([slow, quick, last]);
      const late = x
        .matmul(
          y
            .mul(early)
            .sum()
            .mul([[1]]),
        )
        .reveal();
      return Promise.all([product, late, z.sum().reveal(), iface.settled()]).then((values) =>
        values.slice(0, 3).map((value) => (value as FloatTensor).toArray()),
      );
    }, mode);
    for (const values of results) expect(values).toEqual([[8, 27], [[830], [1660]], 3]);
  });

  test("that fails at its owner fails at the other party too, and both continue", async () => {
    setHost({ cell: () => "In [6]", notify: () => {} });
    const pair = createPair(mode);
    setHost({ cell: () => "In [6]", notify: () => {} });
    const bad: InputValue[] = [
      [1, Number.NaN],
      [[1, 2], [3]],
      [true] as never,
      () => {
        throw new Error("no such file");
      },
      async () => Promise.reject(new Error("no such file")),
    ];
    const [first, second] = await Promise.all(
      pair.map(async (iface) => {
        const before = await given(iface, 1, [7]);
        const errors: unknown[] = [];
        for (const value of bad) {
          const failing = given(iface, 0, value);
          // Operations issued meanwhile still work.
          const meanwhile = before.mul(before);
          errors.push(await outcome(failing));
          errors.push((await meanwhile.reveal()).toArray());
        }
        await outcome(iface.settled());
        const after = await given(iface, 0, [4]);
        return { errors, value: (await after.mul(before).reveal()).toArray() };
      }),
    );
    expect(first!.value).toEqual([28]);
    expect(second!.value).toEqual([28]);
    const own = first!.errors.filter((_, i) => i % 2 === 0) as Error[];
    expect(own.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      "RangeError: input: NaN at [1]; replace missing values first",
      expect.stringMatching(/^RangeError: input: rows must have equal lengths/),
      "TypeError: input: a boolean at [0]; values must be numbers",
      "Error: no such file",
      "Error: no such file",
    ]);
    for (const error of second!.errors.filter((_, i) => i % 2 === 0)) {
      expect(error).toBeInstanceOf(DesyncError);
      expect((error as Error).message).toContain("party 0's cell In [6] failed before it gave its values");
    }
    for (const { errors } of [first!, second!])
      expect(errors.filter((_, i) => i % 2 === 1)).toEqual(bad.map(() => [49]));
    await Promise.all(pair.map((iface) => iface.close()));
  });

  test("must match what the other party states; otherwise both get an error and continue", async () => {
    const pair = createPair(mode);
    const stated: [InputOptions, InputOptions, RegExp][] = [
      [{}, { shape: [3] }, /shape \[2\].* shape \[3\]/],
      [{}, { shape: [2, 1] }, /shape \[2\].* shape \[2,1\]/],
      [{}, { integers: true }, /fixed point.* integers/],
      [{ requiresGrad: true }, { requiresGrad: false }, /requiresGrad: true.* requiresGrad: false/],
      [{}, { requiresGrad: true }, /requiresGrad: false.* requiresGrad: true/],
    ];
    const results = await Promise.all(
      pair.map(async (iface) => {
        const errors: unknown[] = [];
        for (const [own, others] of stated)
          errors.push(await outcome(given(iface, 0, [1, 2], iface.party === 0 ? own : others)));
        await outcome(iface.settled());
        const x = await given(iface, 0, [1, 2], { shape: [2] });
        return { errors, value: (await x.mul(x).reveal()).toArray() };
      }),
    );
    for (const { errors, value } of results) {
      expect(value).toEqual([1, 4]);
      errors.forEach((error, i) => {
        expect(error).toBeInstanceOf(DesyncError);
        expect((error as Error).message).toMatch(stated[i]![2]);
      });
    }
    await Promise.all(pair.map((iface) => iface.close()));
  });

  test("cannot be changed by the other party", async () => {
    const values = await withPair(async (iface) => {
      if (iface.party === 1) {
        // A cheater changes every message that it sends for the input.
        iface.session.tampering.alter = (payload, stream, what) =>
          stream === "online" && /input/.test(what ?? "") && what !== "header of an input"
            ? payload.map((byte) => byte ^ 64)
            : payload;
      }
      const x = await given(iface, 0, new LongTensor([1000]));
      return (await x.mul(x).reveal()).toArray();
    }, mode);
    expect(values).toEqual([[1_000_000], [1_000_000]]);
  });

  test("takes one message of 8 bytes for each value, besides the headers", async () => {
    const [costs, other] = await withPair(async (iface) => {
      await given(iface, 0, FloatTensor.zeros(100, 10));
      await iface.settled();
      const [, input] = iface.costs().byKind.find(([kind]) => kind === "input")!;
      return input;
    }, mode);
    expect(costs).toMatchObject({ messagesSent: 2, bytesSent: 8000 + other.bytesSent });
    expect(other).toMatchObject({ messagesSent: 1, bytesReceived: costs.bytesSent });
    expect(other.bytesSent).toBeLessThan(200);
  });
});

describe("values of an input", () => {
  const math = create(all!);
  const [own] = share(encode([1]));
  test.each<[string, InputValue, unknown, number]>([
    ["a number", 2.5, 2.5, 16],
    ["nested arrays", [[1], [2]], [[1], [2]], 16],
    ["an empty array", [], [], 16],
    ["bigints", [2n, -3n], [2, -3], 0],
    ["a Float32Array", Float32Array.of(0.5, 2), [0.5, 2], 16],
    ["an Int16Array", Int16Array.of(-3, 4), [-3, 4], 0],
    [
      "rows that are typed arrays",
      [Uint8Array.of(1, 2), Uint8Array.of(3, 4)] as never,
      [
        [1, 2],
        [3, 4],
      ],
      0,
    ],
    ["a FloatTensor", new FloatTensor([[1.25]]), [[1.25]], 16],
    ["integers in a LongTensor", new LongTensor([[5]]), [[5]], 0],
    ["a LongTensor in fixed point", encode([1.5], { fracBits: 8 }), [1.5], 8],
    ["a mathjs matrix", math.matrix([[1, 2]]), [[1, 2]], 16],
    ["mathjs's big numbers", [math.bignumber("1.5")] as never, [1.5], 16],
  ])("%s", async (_, value, expected, fracBits) => {
    const results = await withPair(async (iface) => {
      const x = await given(iface, 1, value);
      return { fracBits: x.fracBits, value: (await x.reveal()).toArray() };
    });
    for (const result of results) expect(result).toEqual({ fracBits, value: expected });
  });

  test("whole numbers become integers by an option on either side", async () => {
    const results = await withPair(
      async (iface) => (await iface.input(0, () => [3], { integers: true })).fracBits,
    );
    expect(results).toEqual([0, 0]);
  });

  test.each<[string, unknown, InputOptions, RegExp]>([
    ["NaN", [[1, Number.NaN]], {}, /RangeError: input: NaN at \[0,1\]; replace missing values first/],
    ["NaN alone", Number.NaN, {}, /RangeError: input: NaN; replace missing values first/],
    ["Infinity", [Number.POSITIVE_INFINITY], {}, /RangeError: input: Infinity at \[0\] is out of range/],
    ["NaN in a typed array", Float64Array.of(1, Number.NaN), {}, /NaN at \[1\]/],
    [
      "too large a number",
      [2 ** 50],
      {},
      /RangeError: .* at \[0\] is out of range; magnitudes must be below 2\^46/,
    ],
    ["a boolean", [true], {}, /TypeError: input: a boolean at \[0\]; values must be numbers/],
    ["null", [[null]], {}, /TypeError: input: null at \[0,0\]; values must be numbers/],
    ["a string", ["3"], {}, /TypeError: input: a string at \[0\]/],
    ["a unit", [math.unit("2 cm")], {}, /TypeError: input: a Unit at \[0\]/],
    ["a hole", [1, undefined], {}, /TypeError: input: undefined at \[1\]/],
    ["numbers and bigints", [1, 2n], {}, /TypeError: input: numbers and bigints are mixed at \[1\]/],
    ["too large a bigint", [2n ** 63n], {}, /RangeError: .* at \[0\] does not fit in 64 bits/],
    [
      "decimals as integers",
      [[0.5]],
      { integers: true },
      /RangeError: input: 0.5 at \[0,0\] is not a whole number/,
    ],
    [
      "a number past 2^53 as integer",
      [2 ** 60],
      { integers: true },
      /beyond 2\^53; pass such integers as bigints/,
    ],
    ["a share", own, {}, /TypeError: input: this tensor is one party's share/],
    ["nothing", undefined, {}, /TypeError: input\(0\): this is party 0, the owner; pass its values/],
    [
      "another shape than stated",
      [1, 2],
      { shape: [3] },
      /RangeError: .* shape \[2\], and \{ shape \} says \[3\]/,
    ],
    ["a gradient of integers", [1n], { requiresGrad: true }, /TypeError: input: integers have no gradient/],
    ["more axes than travel", JSON.parse(`${"[".repeat(17)}1${"]".repeat(17)}`), {}, /17 axes; at most 16/],
  ])("not %s: the owner hears why, the other party that it failed", async (_, value, options, message) => {
    const [mine, theirs] = await withPair(async (iface) => {
      const error = (await outcome(
        given(iface, 0, value as never, iface.party === 0 ? options : {}),
      )) as Error;
      return `${error.name}: ${error.message}`;
    });
    expect(mine).toMatch(message);
    expect(theirs).toMatch(/DesyncError: input\(0\): party 0 failed before it gave its values/);
  });

  test.each<[string, (iface: DistributedInterface) => Promise<unknown>, RegExp]>([
    [
      "another party's values",
      (iface) => iface.input(1, [1]),
      /input\(1, …\): party 1 owns this input and this is party 0/,
    ],
    [
      "an owner that is no party",
      (iface) => iface.input(2 as never, [1]),
      /RangeError: input: the owner must be party 0 or 1, got 2/,
    ],
    ["an unknown option", (iface) => iface.input(0, [1], { shap: [1] } as never), /unknown option "shap"/],
    ["a shape that is none", (iface) => iface.input(0, [1], { shape: [-1] }), /RangeError/],
    [
      "a shape that is a number",
      (iface) => iface.input(0, [1], { shape: 3 as never }),
      /shape must be an array of sizes/,
    ],
    [
      "a word for a boolean",
      (iface) => iface.input(0, [1], { integers: "yes" as never }),
      /integers must be true or false/,
    ],
  ])("not %s, before anything is numbered or sent", async (_, call, message) => {
    const results = await withPair(async (iface) => {
      if (iface.party === 0) {
        const error = (await outcome(call(iface))) as Error;
        expect(`${error.name}: ${error.message}`).toMatch(message);
      }
      return (await (await given(iface, 0, [4])).reveal()).toArray();
    });
    expect(results).toEqual([[4], [4]]);
  });

  test("are read at the call, so later changes have no effect", async () => {
    const [, value] = await withPair(async (iface) => {
      const numbers = Float64Array.of(1, 2);
      const x = given(iface, 0, numbers);
      numbers.fill(9);
      return (await (await x).reveal()).toArray();
    });
    expect(value).toEqual([1, 2]);
  });
});

describe("the function of an input", () => {
  test("is called at the owner only, and cannot run operations", async () => {
    let calls = 0;
    const errors = await withPair(async (iface) => {
      const a = await iface.input(0, () => {
        calls++;
        return [1];
      });
      return outcome(iface.input(0, async () => (await a.mul(a).reveal()) as never));
    });
    expect(calls).toBe(1);
    expect(errors[0]).toMatchObject({
      name: "TypeError",
      message: expect.stringContaining("runs only at its owner"),
    });
    expect(errors[1]).toBeInstanceOf(DesyncError);
  });

  test("that never ends can be cancelled by resync at both parties", async () => {
    const pair = createPair(fast);
    const waiting = pair.map((iface) => outcome(iface.input(0, () => new Promise<never>(() => undefined))));
    const held = pair.map((iface) => outcome(iface.prepare({ triples: 1 })));
    await Promise.all(pair.map((iface) => iface.resync()));
    for (const error of await Promise.all([...waiting, ...held])) expect(error).toBeInstanceOf(DesyncError);
    await Promise.all(pair.map((iface) => outcome(iface.settled())));
    const values = await Promise.all(
      pair.map(async (iface) => (await (await iface.input(0, () => [2])).reveal()).toArray()),
    );
    expect(values).toEqual([[2], [2]]);
    await Promise.all(pair.map((iface) => iface.close()));
  });
});

describe("a plan", () => {
  test("counts an input, without calling a function whose shape is stated", async () => {
    await withPair(async (iface) => {
      const planned = await plan(async () => {
        const x = await iface.input(0, () => Promise.reject(new Error("called")), { shape: [2, 3] });
        return x.mul(x).reveal();
      });
      expect(planned).toMatchObject({ operations: 3, triples: 0, squares: 6 });
      await iface.settled();
      expect(iface.costs().total.operations).toBe(0);
    });
  });

  test("requires a shape if only the other party knows it", async () => {
    await withPair(async (iface) => {
      if (iface.party === 1)
        await expect(plan(async () => iface.input(0))).rejects.toThrow(/\{ shape: \[rows, columns\] \}/);
    });
  });
});

describe("the header of an input", () => {
  const good: Header = {
    state: "given",
    shape: [2, 3],
    fracBits: 16,
    integers: false,
    requiresGrad: true,
    cell: "In [14]",
  };
  const change = (at: number, ...bytes: number[]) => {
    const header = encodeHeader(good);
    header.set(bytes, at);
    return header;
  };

  test("round-trips through encode and decode", () => {
    expect(decodeHeader(encodeHeader(good), true)).toEqual(good);
    const expected = {
      ...good,
      state: "expected",
      shape: undefined,
      fracBits: undefined,
      integers: undefined,
    } as const;
    expect(decodeHeader(encodeHeader(expected), false)).toEqual(expected);
  });

  test.each<[string, Uint8Array]>([
    ["no magic", change(0, 0)],
    ["an unknown state", change(1, 9)],
    ["the other party's state", change(1, 1)],
    ["an option that is none", change(3, 2)],
    ["63 fractional bits", change(4, 63)],
    ["a scale that contradicts the kind", change(4, 0)],
    ["no scale", change(4, 255)],
    ["17 axes", change(5, 17)],
    ["no shape", change(5, 255)],
    ["more values than can be", encodeHeader({ ...good, shape: [MAX_VALUES, 2] })],
    ["a size beyond all bounds", change(8, 255, 255, 255, 255, 255, 255, 255, 255)],
    ["bytes missing", encodeHeader(good).subarray(1)],
  ])("is refused with %s", (_, header) => {
    expect(() => decodeHeader(header, true)).toThrow(TransportError);
  });

  test("shows the other party's cell without control characters", () => {
    const { cell } = decodeHeader(encodeHeader({ ...good, cell: "In\u001b[31m" }), true);
    expect(cell).toBe("In[31m");
  });
});

test("inputs are numbered as values, so error messages can name them", async () => {
  const errors = await withPair(async (iface) => {
    const x: SharedVariable[] = [];
    for (const value of [3, 5, 7]) x.push(await iface.input(0, () => [value]));
    return outcome(x[0]!.mul(x[iface.party === 0 ? 1 : 2]!).reveal());
  });
  expect((errors[0] as Error).message).toContain(
    "this party ran mul x#0·x#1 [1]·[1] where party 1 ran mul x#0·x#2 [1]·[1]",
  );
});
