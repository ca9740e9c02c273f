import { inspect } from "node:util";
import JSBI from "jsbi";
import { all, create } from "mathjs";
import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { Eventual } from "../eventual";
import { ring64 } from "../ring";
import { jupyterDisplay } from "../text/mime";
import { decode, encode } from "./fixed-point";
import { FloatTensor } from "./float-tensor";
import { LongTensor, longTensor, showShares } from "./long-tensor";

describe("tensor input", () => {
  const matrix = create(all!, {}).matrix([
    [1, 2],
    [3, 4],
  ]);

  it("accepts nested arrays, mathjs matrices, typed arrays, bigints and JSBI values", () => {
    expect(new LongTensor(matrix).toArray()).toEqual([
      [1n, 2n],
      [3n, 4n],
    ]);
    expect(new LongTensor([JSBI.BigInt("-9223372036854775808"), 5n, 7]).toArray()).toEqual([
      -(2n ** 63n),
      5n,
      7n,
    ]);
    expect(new FloatTensor(matrix).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(new FloatTensor(new Float64Array([1.5, 2])).toArray()).toEqual([1.5, 2]);
    expect(new FloatTensor([[JSBI.BigInt(3)]]).toArray()).toEqual([[3]]);
    expect(new FloatTensor(7).shape).toEqual([]);
    expect(new FloatTensor(JSBI.BigInt(7)).item()).toBe(7);
  });

  it("rejects non-numbers, ragged rows, and integers that do not fit", () => {
    expect(() => new FloatTensor(["1"] as never)).toThrow(TypeError);
    expect(() => new FloatTensor([null] as never)).toThrow(TypeError);
    expect(() => new FloatTensor([[1, 2], [3]])).toThrow(RangeError);
    expect(() => new FloatTensor([[1, 2], 3] as never)).toThrow(RangeError);
    expect(() => new FloatTensor([1, [2]] as never)).toThrow(TypeError);
    expect(() => new LongTensor([1.5])).toThrow(RangeError);
    expect(() => new LongTensor([2 ** 53])).toThrow(RangeError);
    expect(() => new LongTensor([2n ** 63n])).toThrow(RangeError);
    expect(() => LongTensor.zeros(-1)).toThrow(RangeError);
    expect(() => LongTensor.zeros(2 ** 20, 2 ** 20)).toThrow(RangeError);
  });
});

describe("fixed point", () => {
  it("keeps every 32-bit integer exact", () => {
    const edges = [-(2 ** 31), 2 ** 31, 2 ** 31 - 1, -1, 0, 1];
    expect(decode(encode(edges)).toArray()).toEqual(edges);
    fc.assert(
      fc.property(fc.integer(), (x) => {
        expect(decode(encode([x])).values[0]).toBe(x);
      }),
      { numRuns: 1000 },
    );
  });

  it("is within half a unit in the last place, and rounds ties to even", () => {
    fc.assert(
      fc.property(fc.double({ min: -(2 ** 36), max: 2 ** 36, noNaN: true }), (x) => {
        expect(Math.abs(decode(encode([x])).values[0]! - x)).toBeLessThanOrEqual(2 ** -17);
      }),
      { numRuns: 1000 },
    );
    const half = 2 ** -17;
    expect(encode([half, 3 * half, -half, -3 * half]).toArray()).toEqual([0n, 2n, 0n, -2n]);
  });

  it("rejects numbers that do not fit", () => {
    for (const bad of [Number.NaN, Infinity, -Infinity, 2 ** 46, -(2 ** 46)]) {
      expect(() => encode([0, bad])).toThrow(RangeError);
    }
    expect(decode(encode([2 ** 45, -(2 ** 45)])).toArray()).toEqual([2 ** 45, -(2 ** 45)]);
    expect(() => encode([1], { fracBits: 32 })).toThrow(RangeError);
  });

  it("reports a value that cannot be told from an overflow", () => {
    const overflowed = longTensor(ring64.fromBigInts([1n, 2n ** 62n]), [2], 16);
    expect(() => decode(overflowed)).toThrow(/element 1 .* cannot be told from an overflow/);
  });
});

describe("printing", () => {
  it("prints as PyTorch did, with our own captions", () => {
    expect(String(new FloatTensor([[6], [6]]))).toBe(" 6\n 6\n[FloatTensor of size 2x1]");
    expect(String(new FloatTensor([[1, -20.5]]))).toBe("   1.0000  -20.5000\n[FloatTensor of size 1x2]");
    expect(String(LongTensor.zeros(2, 1))).toBe(" 0\n 0\n[LongTensor of size 2x1]");
    expect(String(encode([1]))).toBe(" 65536\n[LongTensor of size 1, 16 fractional bits]");
    expect(String(new FloatTensor([1e9, 0.5]))).toContain("1.0000e+09");
    expect(String(new FloatTensor([[[1]], [[2]]]))).toContain("(1,.,.) =\n 2");
    expect(String(new FloatTensor(3))).toBe(" 3\n[FloatTensor of size scalar]");
  });

  it("abbreviates long tensors", () => {
    const text = String(FloatTensor.zeros(100, 100));
    expect(text.split("\n")).toHaveLength(8);
    expect(text).toContain("…");
    expect(FloatTensor.zeros(100, 100)[jupyterDisplay]()["text/html"]!.length).toBeLessThan(2000);
  });

  it("keeps the words of a share out of logs and JSON, and on request out of displays", () => {
    const word = 1234567890123456789n;
    const share = longTensor(ring64.fromBigInts([word]), [1], 16, { isShare: true });
    const leaks = [
      inspect(share),
      JSON.stringify(share),
      JSON.stringify({ share }),
      inspect({ deep: [share] }),
    ];
    for (const text of leaks) expect(text).not.toContain("12345678");
    expect(share[jupyterDisplay]()["text/plain"]).toContain(String(word));
    showShares(false);
    try {
      expect(JSON.stringify(share[jupyterDisplay]())).not.toContain("12345678");
    } finally {
      showShares(true);
    }
  });

  it("shows a pending handle without its values", () => {
    const pending = longTensor(new Eventual(new Promise<never>(() => {}), "The share"), [2, 1], 16);
    expect(String(pending)).toBe("[LongTensor of size 2x1, 16 fractional bits, still under way]");
    expect(() => pending.toArray()).toThrow(/await iface\.settled\(\)/);
  });
});

describe("FloatTensor", () => {
  it("computes with broadcasting and names both shapes when they do not match", () => {
    const x = new FloatTensor([
      [1, 2],
      [3, 4],
    ]);
    expect(x.add([10, 20]).toArray()).toEqual([
      [11, 22],
      [13, 24],
    ]);
    expect(x.sub(1).mul(2).neg().t().toArray()).toEqual([
      [-0, -4],
      [-2, -6],
    ]);
    expect(x.matmul([[1], [1]]).toArray()).toEqual([[3], [7]]);
    expect(() => x.add([1, 2, 3])).toThrow("add: shapes [2,2] and [3] cannot be broadcast");
    expect(() => x.matmul([[1, 2]])).toThrow("shapes [2,2] and [1,2] have no matrix product");
    expect(() => x.item()).toThrow(RangeError);
    expect(() => FloatTensor.from(new Float64Array(3), [2])).toThrow(RangeError);
  });
});
