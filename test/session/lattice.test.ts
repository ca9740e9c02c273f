// Sessions whose products come from lattices: what they compute, what they send, and who may join whom.

import { afterEach, describe, expect, test } from "vitest";
import { SharedVariable } from "../../lib/autograd/shared-variable";
import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import { createPrg } from "../../lib/crypto/prg";
import { ring64 } from "../../lib/ring";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { type InterfaceOptions, resolveOptions } from "../../lib/session/options/options";
import { encode } from "../../lib/tensor/fixed-point";
import { FloatTensor } from "../../lib/tensor/float-tensor";
import { longTensor } from "../../lib/tensor/long-tensor";
import { seedOf } from "../support/machines";
import { ownShare } from "../support/own-share";
import { withPair } from "../support/pair";

afterEach(() => setHost(undefined));

const lattice = { security: "semi-honest", preprocessing: "lattice" } as const;
const modes: readonly InterfaceOptions[] = [lattice, { security: "semi-honest" }];
const random = createPrg(seedOf(91));
const draw = (count: number) => ring64.fromBytes(random.draw!(count * 8), count);

describe.each(modes)("with $security security and preprocessing $preprocessing", (mode) => {
  test.each([
    [1, 784, 128],
    [128, 20, 33],
    [40, 41, 42],
    [1, 5000, 1],
    [300, 1, 20],
    [17, 3000, 5],
    [2, 2, 2],
    [5, 40, 1],
  ])("a %i×%i matrix times one of %i columns is exact over all of Z_2^64, twice", async (m, k, n) => {
    const [a, b, c] = [draw(m * k), draw(k * n), draw(m * k)];
    const masks = [draw(m * k), draw(k * n), draw(m * k)];
    const results = await withPair(async (iface) => {
      const share = (values: typeof a, mask: typeof a, shape: number[]) => {
        const own = iface.party === 0 ? mask : ring64.sub(values, mask);
        return new SharedVariable(longTensor(own, shape, 0, { isShare: true }), iface);
      };
      const [x, y, z] = [
        share(a, masks[0]!, [m, k]),
        share(b, masks[1]!, [k, n]),
        share(c, masks[2]!, [m, k]),
      ];
      const before = iface.costs().total.bytesSent;
      const products = [x.matmul(y), z.matmul(y)];
      await iface.settled();
      const sent = iface.costs().total.bytesSent - before;
      const opened = await Promise.all(products.map((product) => product.reveal({ integers: true })));
      return {
        sent,
        values: opened.map((each) => (each.toArray() as (number | bigint)[][]).flat().map(BigInt)),
      };
    }, mode);
    const expected = [a, c].map((left) => ring64.toSignedBigInts(ring64.matmul(left, b, m, k, n)));
    for (const { values } of results) expect(values).toEqual(expected);
    // Less than by triples, where masks of whole matrices pay.
    if (m * k * n > 20_000) expect(results[0]!.sent).toBeLessThan(2 * m * k * n * 119);
  });

  test("products of numbers, squares and truncations are as in the other modes", async () => {
    const values = Array.from({ length: 3000 }, (_, i) => (i - 1500) / 64);
    const results = await withPair(async (iface) => {
      const half = encode(new FloatTensor(values.map((value) => value / 2)));
      const x = new SharedVariable(ownShare(half), iface);
      const [product, square] = [x.mul(x.neg()), x.square()];
      return Promise.all([product, square].map(async (each) => (await each.reveal()).toArray() as number[]));
    }, mode);
    for (const [product, square] of results) {
      values.forEach((value, i) => {
        expect(Math.abs(product![i]! + value * value)).toBeLessThanOrEqual(2 ** -15);
        expect(Math.abs(square![i]! - value * value)).toBeLessThanOrEqual(2 ** -15);
      });
    }
  });

  test("a resync starts with new keys and seeds, and products are right again", async () => {
    const results = await withPair(async (iface) => {
      const multiply = async () => {
        const x = new SharedVariable(ownShare(encode(FloatTensor.full([30, 30], 0.5))), iface);
        const [[first]] = (await x.matmul(x.neg()).reveal()).toArray() as [[number]];
        return first;
      };
      const before = await multiply();
      await iface.resync();
      return [before, await multiply()];
    }, mode);
    for (const both of results) for (const value of both) expect(value).toBeCloseTo(-30, 2);
  });
});

test.each([
  [lattice, { security: "semi-honest", preprocessing: "ot" }, '"lattice" here and "ot"'],
  [lattice, { security: "semi-honest" }, '"lattice" here and "ot or lattice"'],
  [
    { security: "semi-honest" },
    { security: "semi-honest", preprocessing: "ot" },
    '"ot or lattice" here and "ot"',
  ],
] as [InterfaceOptions, InterfaceOptions, string][])(
  "parties with other ways are told: %o, %o",
  async (...row) => {
    setHost({ cell: () => undefined, notify: () => undefined });
    const [mine, theirs, said] = row;
    const channels = createMemoryPair(resolveOptions(mine).settings, resolveOptions(theirs).settings);
    const ifaces = [mine, theirs].map(
      (mode, i) => new DistributedInterface(i as 0 | 1, { ...mode, channel: () => channels[i]! }),
    );
    const [zero] = await Promise.all(
      ifaces.map((iface) => iface.settled().catch((error: Error) => error.message)),
    );
    expect(zero).toContain(said);
    await Promise.all(ifaces.map((iface) => iface.close()));
  },
);

test("malicious security does not use lattices, and nothing falls back silently", () => {
  for (const options of [
    { preprocessing: "lattice" },
    { preprocessing: "lattice", security: "malicious" },
  ] as const)
    expect(() => resolveOptions(options)).toThrow(
      /security "malicious" with preprocessing "lattice" is not available/,
    );
  expect(resolveOptions({}).settings).toMatchObject({ security: "malicious", preprocessing: "ot" });
  expect(resolveOptions({ security: "semi-honest", preprocessing: "ot" }).settings["preprocessing"]).toBe(
    "ot",
  );
});

test("a product too large for memory is refused at the call", async () => {
  await withPair(async (iface) => {
    const x = new SharedVariable(ownShare(encode(FloatTensor.full([6000, 1], 0.5))), iface);
    expect(() => x.matmul(x.t())).toThrow(/too large for this session's correlated randomness/);
  }, lattice);
});
