// Operations that combine steps as no operation of the library does. Nothing may leave unchecked, nothing may hang, and
// a mistake in a demand must be refused.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as spdz from "../../lib";
import { Eventual } from "../../lib/eventual";
import { describe as describeOperation, resultOf } from "../../lib/primitives/issue";
import { type SharedTensor, shareOf } from "../../lib/primitives/shared-tensor";
import { openCheckedDemand } from "../../lib/protocol/authenticated/check-demand";
import * as authenticated from "../../lib/protocol/authenticated/reveal";
import type { Share } from "../../lib/protocol/scheme";
import { defineStep, use } from "../../lib/protocol/step";
import { multiply } from "../../lib/protocol/steps/multiply";
import { reveal } from "../../lib/protocol/steps/reveal";
import { square } from "../../lib/protocol/steps/square";
import { ring128 } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";
import { createDealer } from "../support/modes";
import { createPair, fast } from "../support/pair";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());
type Options = Parameters<typeof createPair>[0];
const malicious = (): Options => ({
  security: "malicious",
  preprocessing: "dealer",
  dealer: dealer.address,
});

/** The outcome of each party's run, with a time limit that no working run reaches. */
async function settle<T>(
  run: (iface: spdz.DistributedInterface) => Promise<T>,
  options: Options = malicious(),
): Promise<PromiseSettledResult<T>[]> {
  const pair = createPair(options);
  const late = sleep(20_000, undefined, { ref: false }).then(() => {
    throw new Error("it hangs");
  });
  late.catch(() => undefined);
  const results = await Promise.allSettled(pair.map((iface) => Promise.race([run(iface), late])));
  await Promise.all(pair.map((iface) => iface.close()));
  return results;
}

const secretOf = (iface: spdz.DistributedInterface, ...values: bigint[]) =>
  iface.input(0, iface.party === 0 ? values : undefined);

/** Party 1's share of a value, off by four, with the MAC of the right value. */
function lie(iface: spdz.DistributedInterface, share: Share): Share {
  if (iface.party === 0) return share;
  const { value, mac } = share as unknown as AuthenticatedVector;
  return { value: ring128.addScalar(value, 4n), mac } as unknown as Share;
}

function secretFrom(x: SharedTensor, share: Eventual<Share>, shape = x.shape): spdz.SharedVariable {
  return new spdz.SharedVariable(resultOf(x.iface, share, { shape, fracBits: 0, requiresGrad: false }));
}

test("an operation that multiplies after it has revealed is checked all the same", async () => {
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, 3n);
    // Otherwise the operation would claim openings of others.
    await x.reveal();
    const description = describeOperation("odd", [x.tensor]);
    const share = shareOf(x.tensor, description);
    const product = iface.run({
      description,
      inputs: [share],
      uses: { opened: use(reveal, { length: 1 }), product: use(multiply, { length: 1 }) },
      async body(_, { opened, product }) {
        await opened(share.value);
        return product(lie(iface, share.value), share.value);
      },
    });
    return (await secretFrom(x.tensor, product).reveal()).toArray();
  });
  expect(results[0]).toMatchObject({ status: "rejected", reason: { code: "check-mac" } });
});

test("a step that reveals without saying so in its demand is refused", async () => {
  const forgetful = defineStep({
    authenticated: {
      ...authenticated.reveal,
      demand: ({ length }: { readonly length: number }) => openCheckedDemand(length),
    },
  });
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, 3n);
    const share = shareOf(x.tensor);
    const opened = iface.run({
      description: describeOperation("open", [x.tensor]),
      inputs: [share],
      uses: { open: use(forgetful, { length: 1 }) },
      body: (_, { open }) => open(share.value),
    });
    return opened.promise;
  });
  for (const result of results)
    expect(result).toMatchObject({ status: "rejected", reason: { code: "internal" } });
});

test("an operation that opens between two reveals has masks for both checks", async () => {
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, ...Array.from({ length: 100 }, (_, i) => BigInt(i)));
    x.mul(x.add(0));
    const description = describeOperation("odd", [x.tensor]);
    const share = shareOf(x.tensor, description);
    const uses = {
      first: use(reveal, { length: 100 }),
      product: use(multiply, { length: 100 }),
      second: use(reveal, { length: 100 }),
    };
    const words = iface.run({
      description,
      inputs: [share],
      uses,
      async body({ ring }, { first, product, second }) {
        await first(share.value);
        return ring.toBigInts(await second(await product(share.value, share.value)));
      },
    });
    return words.promise;
  });
  for (const result of results) {
    expect(result.status).toBe("fulfilled");
    expect((result as PromiseFulfilledResult<bigint[]>).value[99]).toBe(99n * 99n);
  }
});

test.each([
  ["without MACs", () => fast],
  ["with MACs", malicious],
] as const)("steps that an operation calls at once run one after another, %s", async (_, options) => {
  const results = await settle(async (iface) => {
    const [x, y] = [await secretOf(iface, 3n), await secretOf(iface, 4n, 5n)];
    if (iface.party === 1) delayTriples(iface);
    const [s, t] = [shareOf(x.tensor), shareOf(y.tensor)];
    const both = iface.run({
      description: describeOperation("two", [x.tensor, y.tensor]),
      inputs: [s, t],
      uses: { a: use(multiply, { length: 1 }), b: use(square, { length: 2 }) },
      body: (_ctx, { a, b }) => Promise.all([a(s.value, s.value), b(t.value)]),
    });
    const [product, squares] = await both.promise;
    const results = [secretFrom(x.tensor, Eventual.of(product)), secretFrom(y.tensor, Eventual.of(squares))];
    return Promise.all(results.map(async (each) => (await each.reveal()).toArray()));
  }, options());
  for (const result of results) expect(result).toEqual({ status: "fulfilled", value: [[9], [16, 25]] });
});

/** Delay the triples of one party. */
function delayTriples(iface: spdz.DistributedInterface): void {
  const { pool } = iface.session.sharing;
  const reserve = pool.reserve.bind(pool);
  pool.reserve = (needs) => {
    const reservation = reserve(needs);
    return {
      ...reservation,
      take: async (kind, count) => {
        if (kind === "triple") await sleep(400);
        return reservation.take(kind, count);
      },
    };
  };
}

test("a step runs once, and a use stands once in an operation", async () => {
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, 3n);
    const share = shareOf(x.tensor);
    const once = use(multiply, { length: 1 });
    const run = (uses: Record<string, typeof once>) => () =>
      iface.run({
        description: describeOperation("odd", [x.tensor]),
        inputs: [share],
        uses,
        body: (_, steps) => steps["a"]!(share.value, share.value),
      });
    expect(run({ a: once, b: once })).toThrow(/stands twice/);
    const twice = iface.run({
      description: describeOperation("odd", [x.tensor]),
      inputs: [share],
      uses: { a: once },
      async body(_, { a }) {
        await a(share.value, share.value);
        return a(share.value, share.value);
      },
    });
    await expect(twice.promise).rejects.toThrow(/called twice/);
    return "done";
  });
  for (const result of results) expect(result).toMatchObject({ value: "done" });
});

test("a description that cannot be numbered leaves nothing that others wait for", async () => {
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, 2n);
    const malformed = { kind: "odd" } as never;
    const uses = { a: use(multiply, { length: 1 }) };
    expect(() => iface.run({ description: malformed, uses, body: () => 1 })).toThrow(TypeError);
    return (await x.reveal()).toArray();
  });
  for (const result of results) expect(result).toEqual({ status: "fulfilled", value: [2] });
});

test.each([
  ["with a dealer", malicious],
  ["with party 0's dealer", () => fast],
] as const)("a matrix product with a side of 0 is empty or zeros, %s", async (_, options) => {
  const results = await settle(async (iface) => {
    const x = await iface.input(0, iface.party === 0 ? spdz.FloatTensor.zeros(2, 0) : undefined);
    return [(await x.matmul(x.t()).reveal()).toArray(), (await x.t().matmul(x).reveal()).shape];
  }, options());
  const zeros = [
    [0, 0],
    [0, 0],
  ];
  for (const result of results) expect(result).toEqual({ status: "fulfilled", value: [zeros, [0, 0]] });
});

test("a wrong shape beside a public operand on the left throws before a number is taken", async () => {
  const results = await settle(async (iface) => {
    const x = await secretOf(iface, 2n, 3n);
    // One party alone makes the mistake; the parties stay in step.
    if (iface.party === 0) expect(() => spdz.ops.sub([1, 2, 3], x)).toThrow(RangeError);
    return (await x.reveal()).toArray();
  }, fast);
  for (const result of results) expect(result).toEqual({ status: "fulfilled", value: [2, 3] });
});
