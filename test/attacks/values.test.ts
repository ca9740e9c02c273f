// Ways around the rules for values: words of shares that return as plain words, and programs that agree, then diverge.

import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as spdz from "../../lib";
import { authenticatedModeWith, createDealer } from "../support/modes";
import { ownShare } from "../support/own-share";
import { fast, withPair } from "../support/pair";

const { FloatTensor, LongTensor, SharedVariable, swapShares } = spdz;
const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());
const malicious = authenticatedModeWith(dealer);

const errorOf = (run: () => unknown) =>
  Promise.resolve()
    .then(run)
    .then(
      () => "no error",
      (error: unknown) => String(error),
    );

async function product(iface: spdz.DistributedInterface): Promise<spdz.SharedVariable> {
  const x = await iface.input(0, () => [2n, 3n]);
  const y = await iface.input(1, () => [4n, 1n]);
  const z = x.mul(y);
  await iface.settled();
  return z;
}

/** The party that calls resync first abandons the operations that the other party has not finished. */
function barrier(): () => Promise<void> {
  let here = 0;
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++here === 2) open();
    return opened;
  };
}

test("words that were read out before a resync cannot be swapped after it", async () => {
  const bothHere = barrier();
  const errors = await withPair(async (iface) => {
    const z = await product(iface);
    const words = (z.data.toArray() as bigint[]).map((word) => word);
    await bothHere();
    await iface.resync();
    return errorOf(() => swapShares(new LongTensor(words), iface));
  }, malicious);
  for (const error of errors) expect(error).toMatch(/^TypeError: .*reveal/);
});

test("an earlier plain tensor cannot take in words by pad", async () => {
  const errors = await withPair(async (iface) => {
    const before = LongTensor.zeros(1);
    const z = await product(iface);
    const word = z.data.at(0).item();
    return errorOf(() => swapShares(before.pad([[0, 1]], word), iface));
  }, malicious);
  for (const error of errors) expect(error).toMatch(/^TypeError: .*reveal/);
});

test("text that shows words of a share counts as reading them", async () => {
  const errors = await withPair(async (iface) => {
    const z = await product(iface);
    const sum = spdz.reconstruct([z.data, ownShare(LongTensor.zeros(2))]);
    const digits = String(sum).match(/-?\d{12,}/g);
    if (!digits) return "TypeError: no words to reveal";
    return errorOf(() => swapShares(new LongTensor(digits.map(BigInt)), iface));
  }, malicious);
  for (const error of errors) expect(error).toMatch(/^TypeError: .*reveal/);
});

test("comparing a share counts as reading it", async () => {
  const errors = await withPair(async (iface) => {
    const z = await product(iface);
    let word = 0n;
    for (let bit = 0; bit < 64; bit++) {
      const top = z.data.at(0).sub(ownShare(new LongTensor(BigInt.asIntN(64, word))));
      const alone = top.mul(new LongTensor(BigInt.asIntN(64, 1n << BigInt(63 - bit))));
      if (!alone.equals(LongTensor.full([], 0))) word |= 1n << BigInt(bit);
    }
    return errorOf(() => swapShares(new LongTensor([BigInt.asIntN(64, word)]), iface));
  }, malicious);
  for (const error of errors) expect(error).toMatch(/^TypeError: .*reveal/);
});

test("an operation that one party refuses issues nothing there, and no operand enters", async () => {
  const results = await withPair(async (iface) => {
    const share = (value: number) =>
      new SharedVariable(ownShare(LongTensor.full([1, 1], iface.party === 0 ? value : 0)), iface);
    const old = share(1);
    await iface.resync();
    const [x, y] = [share(6), share(7)];
    if (iface.party === 0) expect(() => x.mul(old)).toThrow("has ended");
    return (await x.mul(y).reveal()).toArray();
  }, malicious);
  expect(results).toEqual([[[42]], [[42]]]);
});

test("options of an input are read at the call", async () => {
  const results = await withPair(async (iface) => {
    const options: { shape: number[] } = { shape: [2] };
    const x = iface.input(0, () => [1, 2], options);
    options.shape = [3];
    const y = iface.input(0, () => [1, 2, 3], options);
    options.shape.push(4);
    return [(await (await x).reveal()).toArray(), (await (await y).reveal()).toArray()];
  }, fast);
  expect(results[0]).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
});

test("two parties that both state { integers: false } do not get a difference error", async () => {
  const errors = await withPair(
    (iface) => errorOf(() => iface.input(0, () => [1n, 2n], { integers: false })),
    fast,
  );
  for (const error of errors) expect(error).not.toMatch(/^DesyncError: .*State the same/);
});

test("an input's function cannot number a value at the owner alone", async () => {
  const results = await withPair(async (iface) => {
    const x = await iface.input(0, () => {
      try {
        new SharedVariable(ownShare(LongTensor.zeros(1)), iface);
      } catch {}
      return [5];
    });
    return (await x.reveal()).toArray();
  }, fast);
  expect(results).toEqual([[5], [5]]);
});

test("an input without values works", async () => {
  const results = await withPair(async (iface) => {
    const x = await iface.input(0, () => FloatTensor.zeros(0, 3));
    return (await x.add(x).reveal()).shape;
  }, malicious);
  expect(results).toEqual([
    [0, 3],
    [0, 3],
  ]);
});

test("swapping shares of two different values without MACs is reported", async () => {
  const errors = await withPair(async (iface) => {
    const x = await iface.input(0, () => [1, 2]);
    const y = await iface.input(0, () => [3, 4]);
    return errorOf(async () => {
      const value = iface.party === 0 ? x : y;
      const other = swapShares(value.data, iface);
      await iface.settled();
      return other;
    });
  }, fast);
  for (const error of errors) expect(error).toMatch(/^DesyncError/);
});

test("an invalid scale of a checked swap is refused, not ignored", async () => {
  const errors = await withPair(async (iface) => {
    const z = await product(iface);
    return errorOf(() => swapShares(z.data, iface, { fracBits: 3 }));
  }, malicious);
  for (const error of errors) expect(error).toMatch(/^RangeError/);
});

test("a value computed from a planned reveal throws after the plan", async () => {
  await withPair(async (iface) => {
    const x = await iface.input(0, () => [1, 2]);
    let weights = new FloatTensor([10, 20]);
    await spdz.plan(async () => {
      weights = weights.sub(await x.reveal());
    });
    expect(() => weights.toArray()).toThrow("only within spdz.plan");
    await iface.settled();
    let decoded = new FloatTensor([10, 20]);
    await spdz.plan(async () => {
      decoded = spdz.decode(spdz.reconstruct([x.data, swapShares(x.data, iface)])).mul(1);
    });
    expect(() => decoded.toArray()).toThrow("only within spdz.plan");
  }, fast);
});

test("a plan takes the kind of an input from available values", async () => {
  await withPair(async (iface) => {
    if (iface.party !== 0) return;
    const plan = await spdz.plan(async () => {
      const x = await iface.input(0, [1n, 2n], { shape: [2] });
      return x.mul(x);
    });
    expect(plan.items.map(({ kind }) => kind)).not.toContainEqual(expect.stringMatching(/truncat|wrap/));
  }, fast);
});

test("promises and arrays of another realm, and a database's thenables, are accepted", async () => {
  const results = await withPair(async (iface) => {
    const context = createContext({});
    const foreign = runInContext(
      "({ later: async () => [1, 2], floats: () => new Float64Array([1, 2]) })",
      context,
    );
    const x = await iface.input(0, foreign.later);
    const y = await iface.input(0, foreign.floats);
    // biome-ignore lint/suspicious/noThenProperty: a query of a database is one
    const query = { then: (done: (rows: number[]) => void) => done([3, 4]) };
    const z = await iface.input(0, () => query as PromiseLike<number[]>);
    const planned = runInContext(
      "(x) => (async () => { await x.mul(x).reveal(); return x.mul(x).reveal(); })()",
      context,
    );
    const plan = await spdz.plan(() => planned(x));
    return [x.fracBits, y.fracBits, (await z.reveal()).toArray(), plan.operations];
  }, fast);
  expect(results[0]).toEqual([16, 16, [3, 4], 4]);
});

test("after a quicker party resyncs, the other still finishes operations that have all their messages", async () => {
  for (let run = 0; run < 5; run++) {
    const results = await withPair(async (iface) => {
      const x = await iface.input(0, () => [1n, 2n]);
      x.mul(x);
      await iface.settled();
      await iface.resync();
      return "in step";
    }, malicious);
    expect(results).toEqual(["in step", "in step"]);
  }
});

test("parties that expect different scales of a swap get an error, and their session continues", async () => {
  const results = await withPair(async (iface) => {
    swapShares(LongTensor.full([1], 5), iface, iface.party === 0 ? { fracBits: 3 } : {});
    const error = await errorOf(() => iface.settled());
    const x = await iface.input(0, () => [2n]);
    return [error, (await x.mul(x).reveal()).toArray()];
  }, malicious);
  expect(results[0]?.[0]).toMatch(/^DesyncError/);
  expect(results.map(([, value]) => value)).toEqual([[4], [4]]);
});
