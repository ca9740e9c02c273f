import { inspect } from "node:util";
import JSBI from "jsbi";
import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { UnsettledError } from "../errors";
import { Eventual } from "../eventual";
import { type RingVector, ring64, scope } from "../ring";
import { jupyterDisplay } from "../text/mime";
import { encode } from "./fixed-point";
import { FloatTensor } from "./float-tensor";
import { LongTensor, longTensor } from "./long-tensor";

const word = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 32n - 1n),
);
const wrap = (value: bigint) => BigInt.asIntN(64, value);
const words = (tensor: LongTensor) => tensor.toArray() as bigint[];

function shareOf(values: readonly bigint[], shape: readonly number[] = [values.length], fracBits = 0) {
  return longTensor(ring64.fromBigInts(values), shape, fracBits, { isShare: true });
}

/** Make a tensor whose values the test settles when it chooses. */
function pendingOf(values: readonly bigint[], shape: readonly number[] = [values.length], isShare = false) {
  let settle!: () => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<RingVector>((resolve, reject) => {
    settle = () => resolve(ring64.fromBigInts(values));
    fail = reject;
  });
  const vector = new Eventual(promise, "The share of mul");
  return { tensor: longTensor(vector, shape, 0, { isShare }), settle, fail };
}

describe("words of 64 bits", () => {
  it("wrap in every operation", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }), (pairs) => {
        const [a, b] = [0, 1].map((side) => pairs.map((pair) => pair[side]!)) as [bigint[], bigint[]];
        const [x, y] = [new LongTensor(a), new LongTensor(b)];
        expect(words(x.add(y))).toEqual(pairs.map(([p, q]) => wrap(p + q)));
        expect(words(x.sub(y))).toEqual(pairs.map(([p, q]) => wrap(p - q)));
        expect(words(x.mul(y))).toEqual(pairs.map(([p, q]) => wrap(p * q)));
        expect(words(x.neg())).toEqual(a.map((p) => wrap(-p)));
        expect(x.sum().item()).toBe(wrap(a.reduce((p, q) => p + q)));
        expect(x.matmul(y).item()).toBe(wrap(pairs.reduce((sum, [p, q]) => sum + p * q, 0n)));
      }),
      { numRuns: 300 },
    );
  });

  it("convert from and to bigints, JSBI values, typed arrays and nested arrays", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
        (rows) => {
          const x = new LongTensor(rows);
          expect(x.toArray()).toEqual(rows);
          expect(x.toTypedArray()).toEqual(BigInt64Array.from(rows.flat()));
          const jsbi = x.toJSBI() as JSBI[][];
          expect(jsbi.map((row) => row.map(String))).toEqual(rows.map((row) => row.map(String)));
          expect(jsbi[0]![0]).toBeInstanceOf(JSBI);
          expect(new LongTensor(jsbi).equals(x)).toBe(true);
          expect(new LongTensor(x.toTypedArray()).reshape(-1, 2).equals(rows)).toBe(true);
        },
      ),
    );
    expect(new LongTensor(new Uint8Array([1, 255])).toArray()).toEqual([1n, 255n]);
    expect(() => new LongTensor(new BigUint64Array([2n ** 63n]))).toThrow(RangeError);
    expect(() => new LongTensor([1, 2]).item()).toThrow("item() needs exactly one element, got shape [2]");
  });

  it("compare with nested arrays, and with tensors of the same scale", () => {
    const x = encode([[1, 2]]);
    expect(x.equals([[65536, 131072n]])).toBe(true);
    expect(x.equals([[65536, 131073n]])).toBe(false);
    expect(x.equals([65536, 131072])).toBe(false);
    expect(x.equals(new LongTensor([[65536, 131072]]))).toBe(false);
    expect(x.equals(encode([[1, 2]]))).toBe(true);
  });
});

describe("scales", () => {
  it("add up in products, and must be equal in sums", () => {
    const [x, y] = [encode([1.5]), encode([[2]], { fracBits: 4 })];
    expect(x.mul(y).fracBits).toBe(20);
    expect(x.matmul(y).fracBits).toBe(20);
    expect(x.mul(3).fracBits).toBe(16);
    expect(new FloatTensor(x.mul(y)).toArray()).toEqual([[3]]);
    expect(x.neg().fracBits).toBe(16);
    expect(x.sum().fracBits).toBe(16);
    expect(x.add(x).fracBits).toBe(16);
    expect(() => x.add(1)).toThrow("16 and 0 fractional bits differ");
    expect(() => x.sub(y)).toThrow("16 and 4 fractional bits differ");
  });

  it("are divided out when converting to a FloatTensor, which a share rejects", () => {
    expect(new FloatTensor(encode([[1.5, -2]])).toArray()).toEqual([[1.5, -2]]);
    expect(() => new FloatTensor(shareOf([1n]))).toThrow(TypeError);
    expect(() => new FloatTensor([1]).add(shareOf([1n]))).toThrow(TypeError);
  });
});

describe("shares", () => {
  it("after linear operations add up to the same operation on the secret", () => {
    const cases = fc.tuple(
      fc.array(word, { minLength: 6, maxLength: 6 }),
      fc.array(word, { minLength: 6, maxLength: 6 }),
    );
    const constant = new LongTensor([
      [2, -3],
      [5, 7],
      [-1, 11],
    ]);
    const operations: ((x: LongTensor) => LongTensor)[] = [
      (x) => x.neg(),
      (x) => x.sum(1),
      (x) => x.mul([[4], [-9]]),
      (x) => x.matmul(constant),
      (x) => constant.matmul(x),
      (x) => x.sub(x.slice([null, null, -1])),
      (x) => LongTensor.concat([x, x.neg()], 1),
      (x) => x.pad(1).t(),
    ];
    fc.assert(
      fc.property(cases, ([secret, noise]) => {
        const own = shareOf(noise, [2, 3]);
        const other = shareOf(
          secret.map((value, i) => value - noise[i]!),
          [2, 3],
        );
        for (const operate of operations) {
          const [x, y] = [operate(own), operate(other)];
          expect([x.isShare, y.isShare]).toEqual([true, true]);
          expect(x.add(y).toArray()).toEqual(operate(new LongTensor(secret).reshape(2, 3)).toArray());
        }
      }),
      { numRuns: 50 },
    );
  });

  it("turn plain factors on either side into shares, and take no plain addends", () => {
    const [share, plain] = [shareOf([1n, 2n]), new LongTensor([3, 4])];
    for (const result of [plain.mul(share), share.matmul(plain)]) expect(result.isShare).toBe(true);
    // Both parties would add it, so it would count twice.
    for (const adding of [() => share.add(plain), () => plain.add(share), () => plain.sub(share)])
      expect(adding).toThrow(TypeError);
    for (const joining of [() => LongTensor.stack([plain, share]), () => LongTensor.concat([share, [0n]])])
      expect(joining).toThrow(/^(stack|concat): one tensor is a share and the other a plain value/);
    expect(LongTensor.concat([share, share]).isShare).toBe(true);
    expect(plain.add(plain).isShare).toBe(false);
    expect(new LongTensor(share).isShare).toBe(true);
  });

  it("cannot be multiplied by each other, nor added if their shapes differ", () => {
    const share = shareOf([1n, 2n]);
    expect(() => share.mul(share)).toThrow(/product of two shares is not a share of the product/);
    expect(() => share.matmul(share)).toThrow(TypeError);
    expect(() => share.add(share.unsqueeze(1))).toThrow("shares of shapes [2] and [2,1]");
    expect(() => share.sub(shareOf([1n]))).toThrow(RangeError);
    expect(words(share.add(shareOf([1n]).broadcastTo([2])))).toEqual([2n, 3n]);
  });

  it("show no words in logs, JSON or errors after any operation", () => {
    const secret = 1234567890123456789n;
    const share = shareOf([secret, secret, secret, secret], [2, 2], 16);
    const made = [
      share.reshape(4),
      share.t(),
      share.at(0, 0),
      share.pad(1),
      share.broadcastTo([2, 2, 2]),
      share.neg().neg(),
      share.add(share.sub(share)),
      share.mul(1),
      share.matmul(LongTensor.eye(2)),
      share.slice(0, [0, 1]).sum(),
      LongTensor.concat([share, share]),
      LongTensor.stack([share, share]),
    ];
    for (const tensor of made) {
      expect(words(tensor.flatten())).toContain(secret);
      for (const text of [
        inspect(tensor),
        JSON.stringify(tensor),
        inspect({ deep: [tensor] }, { depth: 9, showHidden: true }),
      ])
        expect(text).not.toMatch(/12345678|78901234/);
    }
    const failures: (() => unknown)[] = [
      () => share.item(),
      () => share.add(1),
      () => share.mul(share),
      () => share.reshape(3),
      () => share.pad(1, 5),
    ];
    for (const fails of failures) expect(messageOf(fails)).not.toMatch(/12345678/);
  });
});

function messageOf(fails: () => unknown): string {
  try {
    fails();
  } catch (error) {
    return String((error as Error).stack);
  }
  throw new Error("nothing was thrown");
}

describe("pending tensors", () => {
  it("are checked at once, and make pending tensors that settle with them", async () => {
    const { tensor: x, settle } = pendingOf([1n, 2n, 3n, 4n], [2, 2]);
    const y = new LongTensor([
      [1, 0],
      [1, 1],
    ]);
    expect(() => x.add([1, 2, 3])).toThrow(RangeError);
    expect(() => x.matmul([[1, 2, 3]])).toThrow(RangeError);
    let chain = x.matmul(y);
    for (let i = 0; i < 20; i++) chain = chain.add(y).t().t().sub(y);
    expect(chain.settled).toBe(false);
    expect(chain.shape).toEqual([2, 2]);
    expect(() => chain.toArray()).toThrow(UnsettledError);
    expect(() => chain.item()).toThrow(RangeError);
    expect(() => chain.equals(y)).toThrow(/The share of mul is still under way/);
    expect(String(chain)).toBe("[LongTensor of size 2x2, still under way]");
    expect(JSON.stringify(chain)).not.toContain("values");
    settle();
    await x.vector.promise;
    expect(chain.settled).toBe(true);
    expect(chain.toArray()).toEqual([
      [3n, 2n],
      [7n, 4n],
    ]);
    expect(chain[jupyterDisplay]()["text/plain"]).toContain("7");
    await expect(chain.vector.promise).resolves.toBeDefined();
  });

  it("settle even if nobody reads them", async () => {
    const { tensor, settle } = pendingOf([5n]);
    const sum = tensor.add(1).vector.promise;
    settle();
    expect(ring64.toBigInts(await sum)).toEqual([6n]);
  });

  it("fail with their source, and never as an unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const { tensor, fail } = pendingOf([1n]);
    const sum = tensor.add(1).neg();
    fail(new Error("the line was cut"));
    await tensor.vector.promise.catch(() => {});
    expect(() => sum.toArray()).toThrow("the line was cut");
    expect(() => tensor.add(1)).toThrow("the line was cut");
    await expect(sum.vector.promise).rejects.toThrow("the line was cut");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  it("outlive a scope that is open when they are first read, like results that it returns", async () => {
    const { tensor, settle } = pendingOf([5n]);
    const later = tensor.add(1);
    settle();
    await tensor.vector.promise;
    scope(() => later.toArray());
    expect(later.toArray()).toEqual([6n]);
    let inner: LongTensor | undefined;
    const kept = scope(() => {
      inner = new LongTensor([1]).add(1);
      return { result: inner.add(1) };
    });
    expect(kept.result.toArray()).toEqual([3n]);
    expect(() => inner!.toArray()).toThrow(/disposed/);
  });
});
