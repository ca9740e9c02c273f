import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer } from "../../../test/support/modes";
import { ownShare } from "../../../test/support/own-share";
import { withPair } from "../../../test/support/pair";
import { SharedVariable } from "../../autograd/shared-variable";
import type { DistributedInterface } from "../../session/distributed-interface";
import { plan } from "../../session/plan/plan";
import "../../autograd/input";
import { math } from "../mathjs";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

const integers = (iface: DistributedInterface, values: readonly bigint[]) => {
  const zeros = values.map(() => 0n);
  return new SharedVariable(ownShare(iface.party === 0 ? [...values] : zeros), iface);
};

describe.each([
  ["semi-honest", "oblivious transfer", () => ({ preprocessing: "ot" }) as const],
  ["semi-honest", "a dealer", () => ({ preprocessing: "dealer", dealer: dealer.address }) as const],
  ["malicious", "a dealer", () => ({ preprocessing: "dealer", dealer: dealer.address }) as const],
] as const)("comparison, %s, with %s", (security, _, source) => {
  const options = () => ({ security, ...source() }) as const;

  test("is exact for integers up to 2^62, and equality for all", async () => {
    const most = 2n ** 62n - 1n;
    const x = [most, -most, most, 0n, 1n, -1n, most - 1n, 2n ** 63n - 1n];
    const y = [-most, most, most, 0n, 0n, 0n, most, -(2n ** 63n)];
    const [zero] = await withPair(async (iface) => {
      const [a, b] = [integers(iface, x), integers(iface, y)];
      const results = [a.lt(b), a.le(b), a.gt(b), a.ge(b), a.eq(b), a.ne(b)];
      return Promise.all(results.map(async (result) => (await result.reveal()).toArray()));
    }, options());
    const expected = (holds: (a: bigint, b: bigint) => boolean) => x.map((a, i) => Number(holds(a, y[i]!)));
    const inRange = (values: unknown) => (values as number[]).slice(0, -1);
    const [lt, le, gt, ge, eq, ne] = zero;
    expect(inRange(lt)).toEqual(inRange(expected((a, b) => a < b)));
    expect(inRange(le)).toEqual(inRange(expected((a, b) => a <= b)));
    expect(inRange(gt)).toEqual(inRange(expected((a, b) => a > b)));
    expect(inRange(ge)).toEqual(inRange(expected((a, b) => a >= b)));
    expect(eq).toEqual(expected((a, b) => a === b));
    expect(ne).toEqual(expected((a, b) => a !== b));
  });

  test("follows PyTorch's gradients at kinks and ties", async () => {
    const [gradients] = await withPair(async (iface) => {
      const secret = async () => {
        const values = [-2, 0, 1.5];
        const own = iface.party === 0 ? values : undefined;
        return iface.input(0, own, { shape: [3], requiresGrad: true });
      };
      const [a, b, c, d, e, f] = [
        await secret(),
        await secret(),
        await secret(),
        await secret(),
        await secret(),
        await secret(),
      ];
      const losses = [a.relu(), b.abs(), c.leakyRelu(0.25), d.clamp(-2, 1.5), e.maximum(f)];
      losses
        .map((result) => result.sum())
        .reduce((sum, loss) => sum.add(loss))
        .backward();
      const all = [a, b, c, d, e, f].map(async (leaf) => (await leaf.grad!.reveal()).toArray());
      return Promise.all(all);
    }, options());
    expect(gradients).toEqual([
      [0, 0, 1],
      [-1, 0, 1],
      [0.25, 0.25, 1],
      [1, 1, 1],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5],
    ]);
  });

  test("uses what prepare has made, and the gauge names it", async () => {
    await withPair(async (iface) => {
      // Shares with MACs take masks when they enter, so let them enter first.
      const x = integers(iface, [1n, -1n, 0n]).add(0);
      await iface.settled();
      const before = plan(() => x.gt(0));
      expect(before.items.map(({ kind, needed }) => [kind, needed])).toContainEqual(["comparisons", 3]);
      expect((await iface.prepare({ comparisons: 100 })).ready("comparisons")).toBeGreaterThanOrEqual(100);
      expect(plan(() => x.gt(0)).preparationBytes).toBe(0);
      expect((await x.gt(0).reveal()).toArray()).toEqual([1, 0, 0]);
      expect(iface.store().lines.find(({ kind }) => kind === "comparisons")!.used).toBe(3);
    }, options());
  });

  test("stands in formulas", async () => {
    const [found] = await withPair(async (iface) => {
      const x = integers(iface, [1n, -1n, 0n]);
      const results = [
        math.larger(x, 0),
        math.evaluate("x <= 0", { x }) as SharedVariable,
        math.evaluate("abs(x) + sign(x)", { x }) as SharedVariable,
      ];
      return Promise.all(results.map(async (result) => (await result.reveal()).toArray()));
    }, options());
    expect(found).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [2, 0, 0],
    ]);
  });
});
