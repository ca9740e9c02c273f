import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticatedModeWith, createDealer } from "../../test/support/modes";
import { ownShare } from "../../test/support/own-share";
import { fast, withPair } from "../../test/support/pair";
import { noGrad } from "../primitives/no-grad";
import type { DistributedInterface } from "../session/distributed-interface";
import { plan } from "../session/plan/plan";
import { LongTensor } from "../tensor/long-tensor";
import "./input";
import "./leaf";
import { SharedVariable } from "./shared-variable";
import { Variable } from "./variable";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

const leafOf = (iface: DistributedInterface, values: number[], requiresGrad = true) =>
  iface.input(0, () => values, { requiresGrad });

describe.each([fast, authenticatedModeWith(dealer)])("gradients of leaves, $security", (mode) => {
  it("add up over several backward calls, until zeroGrad", async () => {
    const results = await withPair(async (iface) => {
      const x = await leafOf(iface, [1.5, -2]);
      const loss = () => x.mul(x).sum();
      loss().backward();
      loss().backward();
      const twice = x.grad!.reveal();
      x.zeroGrad();
      expect(x.grad).toBeUndefined();
      loss().backward();
      return [await twice, await x.grad!.reveal()];
    }, mode);
    for (const [twice, once] of results) {
      expect(twice!.toArray()).toEqual([6, -8]);
      expect(once!.toArray()).toEqual([3, -4]);
    }
  });

  it("have their leaf's shape and scale, also where no product gave them one", async () => {
    await withPair(async (iface) => {
      const x = await leafOf(iface, [1, 2]);
      x.sum().backward();
      expect([x.grad!.shape, x.grad!.fracBits]).toEqual([[2], 16]);
      expect((await x.grad!.reveal()).toArray()).toEqual([1, 1]);
      x.add([[0.25], [0.5]])
        .sum()
        .backward();
      expect([x.grad!.shape, x.grad!.fracBits]).toEqual([[2], 16]);
      expect((await x.grad!.reveal()).toArray()).toEqual([3, 3]);
    }, mode);
  });

  it("descend by assign and zeroGrad", async () => {
    const [[value]] = await withPair(async (iface) => {
      const w = await leafOf(iface, [4]);
      for (let i = 0; i < 20; i++) {
        w.sub(1).square().sum().backward();
        expect(w.assign(w.sub(w.grad!.mul(0.25)))).toBe(w);
        w.zeroGrad();
      }
      return (await w.reveal()).toArray() as number[];
    }, mode);
    expect(Math.abs(value! - 1)).toBeLessThan(2 ** -13);
  });

  it("assign takes secrets and public values, and leaves what was computed before as it was", async () => {
    await withPair(async (iface) => {
      const w = await leafOf(iface, [1, 2]);
      const [before, view] = [w.mul(3), w.detach()];
      w.assign([7, -0.5]);
      const loss = before.mul(before).sum();
      loss.backward();
      expect(w.requiresGrad).toBe(true);
      const shown = await Promise.all([w, view, before, w.grad!].map((x) => x.reveal()));
      expect(shown.map((x) => x.toArray())).toEqual([
        [7, -0.5],
        [1, 2],
        [3, 6],
        [18, 36],
      ]);
      const y = w.mul(2);
      w.assign(y);
      expect(w.node).toBeUndefined();
      expect((await w.reveal()).toArray()).toEqual([14, -1]);
    }, mode);
  });
});

describe("leaves", () => {
  it("refuse to be assigned anything else", async () => {
    await withPair(async (iface) => {
      const w = await leafOf(iface, [1, 2]);
      const whole = await iface.input(0, () => [1, 2], { integers: true });
      expect(() => w.mul(2).assign([1, 2])).toThrow(/only a leaf/);
      expect(() => w.assign([1, 2, 3])).toThrow(/shape \[2\] and the value \[3\]/);
      expect(() => w.assign(1)).toThrow(RangeError);
      expect(() => w.assign(whole)).toThrow(/16 fractional bits and the value 0/);
      expect(() => whole.assign([0.5, 1])).toThrow(/0 fractional bits and the value 16/);
      expect(() => w.assign([Number.NaN, 1])).toThrow(RangeError);
      expect((await w.reveal()).toArray()).toEqual([1, 2]);
    });
  });

  it("stay as they are in a plan that assigns them and zeroes gradients", async () => {
    await withPair(async (iface) => {
      const w = await leafOf(iface, [2]);
      w.square().sum().backward();
      plan(() => {
        w.assign(w.mul(0.5)).zeroGrad();
        expect(w.grad).toBeUndefined();
        w.square().sum().backward();
      });
      expect((await w.reveal()).toArray()).toEqual([2]);
      expect((await w.grad!.reveal()).toArray()).toEqual([4]);
    });
  });

  it("have no gradient where they are integers, and the error names float", async () => {
    await withPair(async (iface) => {
      const integers = new Variable(ownShare(LongTensor.zeros(2)), { requiresGrad: true });
      expect(() => new SharedVariable(integers, iface)).toThrow(/\.float\(\)/);
      const input = iface.input(0, () => [1n], { requiresGrad: true });
      await expect(input).rejects.toThrow(iface.party === 0 ? /\.float\(\)/ : /failed/);
      await iface.settled().catch(() => undefined);
    });
  });
});

describe("retainGrad", () => {
  it("keeps the gradient of a value in between, and of no other", async () => {
    await withPair(async (iface) => {
      const x = await leafOf(iface, [1, 2]);
      const kept = x.mul(3).retainGrad();
      const other = x.mul(5);
      const loss = kept.square().add(other).sum();
      loss.backward();
      expect(other.grad).toBeUndefined();
      expect((await kept.grad!.reveal()).toArray()).toEqual([6, 12]);
      expect((await x.grad!.reveal()).toArray()).toEqual([23, 41]);
      loss.backward();
      expect((await kept.grad!.reveal()).toArray()).toEqual([12, 24]);
      expect(() => x.detach().retainGrad()).toThrow(TypeError);
      expect(x.retainGrad()).toBe(x);
    });
  });
});

describe("noGrad", () => {
  it("holds for one context, across awaits, and not for what runs beside it", async () => {
    await withPair(async (iface) => {
      const x = await leafOf(iface, [1, 2]);
      expect(noGrad(() => x.mul(2).requiresGrad)).toBe(false);
      expect(noGrad(() => x.broadcastTo([2]).requiresGrad)).toBe(false);
      const inside = noGrad(async () => {
        await Promise.resolve();
        return x.mul(2);
      });
      const beside = x.mul(3);
      expect(beside.requiresGrad).toBe(true);
      expect((await inside).requiresGrad).toBe(false);
      expect(x.requiresGrad).toBe(true);
      expect(() => noGrad(() => x.sum()).backward()).toThrow(TypeError);
      expect(() =>
        noGrad(() => {
          throw new RangeError("inside");
        }),
      ).toThrow("inside");
      expect(x.mul(2).requiresGrad).toBe(true);
    });
  });

  it("lets a graph that was made outside carry its gradients", async () => {
    await withPair(async (iface) => {
      const x = await leafOf(iface, [3]);
      const loss = x.square().sum();
      noGrad(() => loss.backward());
      expect((await x.grad!.reveal()).toArray()).toEqual([6]);
    });
  });
});
