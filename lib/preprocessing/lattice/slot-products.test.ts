import { expect, test } from "vitest";
import { createLatticeStates } from "../../../test/support/lattice";
import { seedOf } from "../../../test/support/machines";
import { createPrg } from "../../crypto/prg";
import { type RingVector, ring64 } from "../../ring";
import { PARAMETERS } from "./parameters";
import { shareSlotProducts } from "./slot-products";

const { degree } = PARAMETERS;
const random = createPrg(seedOf(41));
const draw = (count: number) => ring64.fromBytes(random.draw!(count * 8), count);
const states = createLatticeStates(13);

/** Each party's shares of the mixed products of its words with the other's. */
async function share(factors: readonly { a: RingVector; b?: RingVector }[], count: number) {
  const both = await states;
  return Promise.all(
    both.map(async (state, i) => {
      const { kernels } = state.engine;
      const { a, b } = factors[i]!;
      const put = (x: RingVector) => kernels.put(ring64.toBytes(x));
      const at = { a: put(a), b: b && put(b) };
      const to = kernels.allocate(count * 8);
      await shareSlotProducts(state, at, count, to);
      const result = ring64.fromBytes(kernels.read(to, count * 8), count);
      return result;
    }),
  );
}

const edges = [0n, 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 32n, 2n ** 63n + 1n, 12345n];
const fill = (pick: (i: number) => bigint) =>
  ring64.fromBytes(new Uint8Array(BigUint64Array.from({ length: degree }, (_, i) => pick(i)).buffer), degree);

test("mixed products of words are shared exactly, in every slot, whoever holds", async () => {
  for (const count of [degree, 2 * degree, 3 * degree]) {
    const factors = [0, 1].map(() => ({ a: draw(count), b: draw(count) }));
    const [mine, theirs] = await share(factors, count);
    const [x, y] = factors as [(typeof factors)[0], (typeof factors)[0]];
    const expected = ring64.add(ring64.mul(x.a, y.b), ring64.mul(y.a, x.b));
    expect(ring64.equals(ring64.add(mine!, theirs!), expected)).toBe(true);
  }
});

test("they are exact for words at every edge of their range", async () => {
  const factors = [
    { a: fill((i) => edges[i % 8]!), b: fill((i) => edges[(i >> 3) % 8]!) },
    { a: fill((i) => edges[(i >> 6) % 8]!), b: fill((i) => edges[(i >> 9) % 8]!) },
  ] as const;
  for (let turn = 0; turn < 2; turn++) {
    const [mine, theirs] = await share(factors, degree);
    const expected = ring64.add(
      ring64.mul(factors[0].a, factors[1].b),
      ring64.mul(factors[1].a, factors[0].b),
    );
    expect(ring64.equals(ring64.add(mine!, theirs!), expected)).toBe(true);
  }
});

test("products of one word of each party are shared too", async () => {
  const count = 2 * degree;
  const factors = [0, 1].map(() => ({ a: draw(count) }));
  const [mine, theirs] = await share(factors, count);
  const expected = ring64.mul(factors[0]!.a, factors[1]!.a);
  expect(ring64.equals(ring64.add(mine!, theirs!), expected)).toBe(true);
});
