import { expect, test } from "vitest";
import { createLatticeStates } from "../../../test/support/lattice";
import { createLinkPair } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { fc } from "../../../test/support/random";
import { drawBytes } from "../../crypto/bytes";
import { createIdentity } from "../../crypto/identity";
import { createPrg } from "../../crypto/prg";
import { ring64 } from "../../ring";
import { addCrossTerms } from "./matrix-products";
import { choosePacking, type Packing, type ProductSizes, packingOf } from "./packing";
import { PARAMETERS } from "./parameters";
import { setUpLatticeState } from "./state";

const random = createPrg(seedOf(31));
const draw = (count: number) => ring64.fromBytes(random.draw!(count * 8), count);
const states = createLatticeStates(9);

async function check([m, k, n]: ProductSizes, packing?: Packing) {
  const both = await states;
  const shares = [0, 1].map(() => ({ a: draw(m * k), b: draw(k * n) }));
  const made = await Promise.all(
    both.map(async (state, i) => {
      const { kernels } = state.engine;
      const mark = kernels.mark;
      const { a, b } = shares[i]!;
      const [left, right] = [a, b].map((x) => kernels.put(ring64.toBytes(x))) as [number, number];
      const to = kernels.allocate(m * n * 8);
      await addCrossTerms(state, left, right, [m, k, n], to, packing);
      const result = ring64.fromBytes(kernels.read(to, m * n * 8), m * n);
      kernels.release(mark);
      return result;
    }),
  );
  const [x, y] = shares as [(typeof shares)[0], (typeof shares)[0]];
  const cross = ring64.add(ring64.matmul(x.a, y.b, m, k, n), ring64.matmul(y.a, x.b, m, k, n));
  expect(ring64.equals(ring64.add(made[0]!, made[1]!), cross)).toBe(true);
}

test.each([
  [1, 1, 1],
  [1, 5, 1],
  [3, 1, 2],
  [1, 1, 9],
  [1, 300, 7],
  [200, 3, 1],
  [7, 11, 13],
  [32, 32, 32],
  [1, 784, 128],
  [128, 784, 1],
  [33, 65, 17],
  [576, 25, 20],
  [64, 129, 50],
  [1, 9000, 1],
  [2, 8193, 3],
  [9001, 1, 2],
  [1, 2, 9003],
] as ProductSizes[])("products of %i×%i and %i columns are shared exactly", async (m, k, n) => {
  await check([m, k, n]);
});

test("products in any blocks, with either matrix encrypted, are shared exactly", async () => {
  const sizes = [9, 25, 11] as const;
  for (const encrypted of ["left", "right"] as const)
    for (const block of [
      [9, 1, 3],
      [9, 2, 2],
      [4, 16, 8],
      [3, 25, 4],
      [2, 7, 11],
      [3, 5, 3],
      [9, 25, 1],
    ] as const)
      await check(sizes, packingOf(sizes, block, encrypted));
});

test("products of any sizes, in any blocks that fit, are shared exactly", async () => {
  const side = fc.integer({ min: 1, max: 24 });
  const block = fc.tuple(side, side, side);
  const fits = ([m, k, n]: [number, number, number]) => m * k * n <= PARAMETERS.degree;
  await fc.assert(
    fc.asyncProperty(block.filter(fits), block, fc.boolean(), async ([m, k, n], wide, left) => {
      const sizes = [Math.max(m, wide[0]), Math.max(k, wide[1]), Math.max(n, wide[2])] as const;
      await check(sizes, packingOf(sizes, [m, k, n], left ? "left" : "right"));
    }),
    { numRuns: 25 },
  );
});

test("products in several groups, panels and chunks are shared exactly", async () => {
  const sizes = [12, 16, 12] as const;
  for (const encrypted of ["left", "right"] as const)
    for (const [panel, group, chunk] of [
      [1, 1, 1],
      [2, 3, 3],
      [3, 2, 4],
    ] as const)
      await check(sizes, { ...packingOf(sizes, [4, 4, 4], encrypted), panel, group, chunk });
});

test("few messages are under way at once, however many blocks there are", async () => {
  let [most, held] = [0, 0];
  const links = createLinkPair();
  const counted = links.map((link) => ({
    ...link,
    party: link.party,
    send: (payload: Uint8Array) => {
      most = Math.max(most, ++held);
      link.send(payload);
    },
    receive: async (length: number) => {
      const payload = await link.receive(length);
      held--;
      return payload;
    },
    exchange: (payload: Uint8Array) => link.exchange(payload),
  }));
  const both = await Promise.all(
    counted.map((link, i) =>
      setUpLatticeState(link, createIdentity(i as 0 | 1, new Uint8Array(32), createPrg(seedOf(61 + i)))),
    ),
  );
  const sizes = [40, 30, 2] as const;
  const made = both.map((state) => {
    const { kernels } = state.engine;
    const [left, right, to] = [1200, 60, 80].map((count) => kernels.put(drawBytes(random, count * 8)));
    return addCrossTerms(state, left!, right!, sizes, to!, packingOf(sizes, [1, 1, 2], "right"));
  });
  await Promise.all(made);
  // Both directions together: what a connection holds for each party is half of it.
  expect(most).toBeLessThanOrEqual(2 * 48);
});

test("a packing fits the polynomial and its memory, and the smaller side is encrypted", () => {
  for (const sizes of [
    [128, 128, 128],
    [1, 784, 128],
    [128, 784, 128],
    [512, 512, 512],
    [5000, 300, 10],
    [10, 300, 5000],
    [3, 100_000, 3],
  ] as const) {
    const { block, blocks, panel, group, chunk } = choosePacking(sizes);
    expect(block[0] * block[1] * block[2]).toBeLessThanOrEqual(PARAMETERS.degree);
    blocks.forEach((count, i) => {
      expect(count * block[i]!).toBeGreaterThanOrEqual(sizes[i]!);
    });
    expect(panel * (group + chunk)).toBeLessThanOrEqual(280);
  }
  expect(choosePacking([5000, 300, 10]).encrypted).toBe("right");
  expect(choosePacking([10, 300, 5000]).encrypted).toBe("left");
});
