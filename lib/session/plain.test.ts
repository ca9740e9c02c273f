import { afterEach, describe, expect, it, test } from "vitest";
import "../autograd/input";
import "../autograd/leaf";
import { SharedVariable } from "../autograd/shared-variable";
import { Variable } from "../autograd/variable";
import "../ops/methods";
import { swapShares } from "../primitives/swap-shares";
import { reconstruct, share } from "../sharing/share";
import { decode, encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import { jupyterDisplay } from "../text/mime";
import type { DistributedInterface } from "./distributed-interface";
import { setHost } from "./host/host";
import { type PlainOptions, plain } from "./plain";
import { plan } from "./plan/plan";

let cell: string | undefined;
const quiet = () => setHost({ cell: () => cell, notify: () => undefined });
afterEach(() => {
  cell = undefined;
});

async function inTheClear<T>(
  options: PlainOptions,
  run: (iface: DistributedInterface) => Promise<T>,
): Promise<T> {
  quiet();
  const iface = plain(options);
  try {
    return await run(iface);
  } finally {
    await iface.close();
  }
}

const line = (iface: DistributedInterface, operation: string) =>
  iface.report().lines.find((each) => each.operation === operation)!;

describe("cells in the clear", () => {
  it("compute with functions of both owners, and with inputs that the notebook lacks", async () => {
    const income = [52_000, 61_500, 48_250];
    const spent = [41_000, 58_000, 39_900];
    const cells = async (iface: DistributedInterface, other?: () => number[]) => {
      const mine = await iface.input(0, () => income);
      const theirs = await iface.input(1, other);
      const saved = mine.sub(theirs);
      return [
        await saved.sum().reveal(),
        await saved.mul(0.5).reveal({ to: 0 }),
        await saved.reveal({ to: 1 }),
      ];
    };
    for (const [inputs, other] of [[[spent], undefined] as const, [[], () => spent] as const]) {
      const [sum, half, nothing] = await inTheClear({ inputs }, (iface) => cells(iface, other));
      expect(sum!.item()).toBe(22_850);
      expect(half!.toArray()).toEqual([5500, 1750, 4175]);
      expect(nothing).toBeUndefined();
    }
    const asOther = await inTheClear({ party: 1, inputs: [spent] }, (iface) => cells(iface));
    expect(asOther.map((each) => each?.size())).toEqual([[], undefined, [3]]);
  });

  it("open several values at once, and take values that both parties know", async () => {
    const opened = await inTheClear({ inputs: [[1, 2, 3]] }, async (iface) => {
      const [mine, theirs] = await iface.inputs([52_000, 61_500, 48_250]);
      const both = mine.mul(theirs).add(iface.lift([0.5, 0, 0]));
      return iface.reveal({ mean: both.sum().div(3), first: both.at(0), count: theirs.sum() });
    });
    expect(opened.mean.item()).toBeCloseTo((52_000.5 + 123_000 + 144_750) / 3, 4);
    expect([opened.first.item(), opened.count.item()]).toEqual([52_000.5, 6]);
  });

  it("ask for an input that is missing, and refuse what a session refuses", async () => {
    await inTheClear({ inputs: [[1]] }, async (iface) => {
      await iface.input(1);
      await expect(iface.input(1)).rejects.toThrow(/input\(1\): this notebook has no values.*all 1 are used/);
      await expect(iface.input(1, [1])).rejects.toThrow(/party 1 owns this input/);
      await expect(iface.input(0, [Number.NaN])).rejects.toThrow(/NaN at \[0\]/);
      await iface.settled().catch(() => undefined);
      const x = await iface.input(0, [1, 2]);
      expect(() => x.add([1, 2, 3])).toThrow(RangeError);
    });
    expect(() => plain({ input: [] } as never)).toThrow(/unknown option "input"/);
    expect(() => plain({ inputs: 3 as never })).toThrow(TypeError);
  });

  it("learn, with gradients, noGrad and assign", async () => {
    const [value] = await inTheClear({}, async (iface) => {
      const w = await iface.input(0, [4], { requiresGrad: true });
      for (let i = 0; i < 30; i++) {
        w.sub(1).square().sum().backward();
        w.assign(w.sub(w.grad!.mul(0.25))).zeroGrad();
      }
      return (await w.reveal()).toArray() as number[];
    });
    expect(Math.abs(value! - 1)).toBeLessThan(2 ** -14);
  });

  it("wrap a value's own words, and pass gradients, while a share is on its way", async () => {
    await inTheClear({}, async (iface) => {
      const [self, other] = share(encode([[7, 8]]));
      swapShares(other, iface);
      const x = await iface.input(0, [3], { requiresGrad: true });
      x.square().sum().backward();
      await iface.settled();
      const again = new SharedVariable(x.grad!.data, iface);
      const wrapped = new SharedVariable(self, iface);
      expect((await again.reveal()).toArray()).toEqual([6]);
      expect((await wrapped.reveal()).toArray()).toEqual([[7, 8]]);
    });
  });

  test.each([0, 1] as const)("replay the demo of 2018 as party %d", async (party) => {
    const own = party === 0 ? [[2], [2]] : [[3, 3]];
    const [gradient, output] = await inTheClear(
      { party, inputs: [party === 0 ? [[3, 3]] : [[2], [2]]] },
      async (iface) => {
        const [self, other] = share(encode(new FloatTensor(own)));
        const received = () =>
          party === 0 ? swapShares(LongTensor.zeros(1, 2), iface) : swapShares(LongTensor.zeros(2, 1), iface);
        const wrapped = (mine: LongTensor, requiresGrad: boolean) =>
          new SharedVariable(new Variable(mine, { requiresGrad }), iface);
        const theirs = party === 0 ? wrapped(received(), false) : undefined;
        swapShares(other, iface);
        const mine = wrapped(self, party === 0);
        const [data, weights] = party === 0 ? [theirs!, mine] : [mine, wrapped(received(), true)];
        const output = data.matmul(weights);
        output.backward(new LongTensor([[1]]));
        await iface.settled();
        const open = (x: LongTensor) => decode(reconstruct([x, swapShares(x, iface)]));
        return [open(weights.grad!.data), open(output.var.data)];
      },
    );
    expect(gradient!.toArray()).toEqual([[6], [6]]);
    expect(output!.toArray()).toEqual([[12]]);
  });
});

describe("the report", () => {
  it("names the first overflow with its cell and operation", async () => {
    await inTheClear({}, async (iface) => {
      cell = "In [1]";
      const x = await iface.input(0, [1, 40_000]);
      const y = await iface.input(1, () => [[1], [30_000]]);
      x.mul(2 ** -4).square();
      await iface.settled();
      expect(iface.report().overflow).toBeUndefined();
      cell = "In [2]";
      x.mul(y).matmul([[1], [1]]);
      cell = "In [3]";
      x.add(1);
      await iface.settled();
      const report = iface.report();
      expect(report.overflow).toMatch(/^In \[2\] mul.*the value at \[1,1\] is 1\.200e\+9 before it is cut/);
      expect(String(report)).toMatch(/^First overflow: In \[2\] mul/);
    });
  });

  it("sees sums and shifts that wrap around 2^64", async () => {
    await inTheClear({}, async (iface) => {
      const big = await iface.input(0, [2n ** 62n, -(2n ** 62n), 5n]);
      await big.add(big.neg()).reveal();
      expect(iface.report().overflow).toBeUndefined();
      big.add(big);
      await iface.settled();
      expect(iface.report().overflow).toMatch(/^add: the value at \[0\] is 9\.223e\+18; it must be below/);
      const line = iface.report().lines.find(({ operation }) => operation === "add")!;
      expect(line.headroom).toBe(0);
    });
  });

  it("gives errors, magnitudes and headroom", async () => {
    await inTheClear({}, async (iface) => {
      const x = await iface.input(0, [1.5, -2.25, 2 ** -16]);
      x.mul(x);
      x.mul(3);
      await iface.settled();
      // 2^-32 is rounded down to 0; the other squares are exact.
      const mul = line(iface, "mul");
      expect(mul.calls).toBe(2);
      expect(mul.error).toBeCloseTo(2 ** -16, 12);
      expect(mul.magnitude).toBe(6.75);
      // Before the truncation, 5.0625 has 32 fractional bits.
      expect(mul.headroom).toBeCloseTo(62 - 32 - Math.log2(5.0625), 10);
      x.add(1);
      await iface.settled();
      expect(line(iface, "add")).toMatchObject({
        calls: 1,
        error: 0,
        rounding: undefined,
        overflow: undefined,
      });
      x.sigmoid();
      await iface.settled();
      expect(line(iface, "sigmoid").error).toBeGreaterThan(0.1);
      expect(line(iface, "sigmoid").error).toBeLessThan(1.6);
    });
  });

  it("takes tensors without elements, and calls within a plan count nothing", async () => {
    await inTheClear({}, async (iface) => {
      const x = await iface.input(0, []);
      expect((await x.mul(x).reveal()).shape).toEqual([0]);
      const planned = plan(() => x.mul(x));
      expect(planned).toMatchObject({ operations: 1, triples: 0, rounds: 0 });
      expect(line(iface, "mul").calls).toBe(1);
    });
  });

  it("tells the error of a public operand that was rounded", async () => {
    await inTheClear({}, async (iface) => {
      const x = await iface.input(0, [4096]);
      x.add(2 ** -17 * 0.5);
      await iface.settled();
      expect(line(iface, "add").error).toBeCloseTo(0.25, 6);
    });
  });

  it("shows itself as a table and as text, and counts gradients apart", async () => {
    await inTheClear({}, async (iface) => {
      cell = "In [7]";
      const x = await iface.input(0, [1.5], { requiresGrad: true });
      x.mul(x).sum().backward();
      await iface.settled();
      const shown = iface.report()[jupyterDisplay]();
      expect(shown["text/html"]).toContain("In [7] gradient of mul");
      expect(shown["text/plain"]).toMatch(/No overflow in \d+ operations\n.*error \(ulp\)/);
      expect(shown["text/plain"]).toMatch(/In \[7\] mul +1 +0 +2\.25 +\d+\.\d +no/);
    });
  });
});
