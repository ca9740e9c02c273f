import { describe, expect, test } from "vitest";
import { createLinkPair, endLink } from "../../../test/support/links";
import { dealSessions } from "../../../test/support/machines";
import { CheckError } from "../../errors";
import { toRaw, toShares } from "../../preprocessing/kinds/raw";
import { ring64, ring128 } from "../../ring";
import type { AuthenticatedVector } from "../../sharing/authenticated";
import { addDemands, NO_DEMAND } from "../demand";
import type { AuthenticatedContext } from "./context";
import { input } from "./input";
import { multiply, multiplyShares } from "./multiply";
import { reveal } from "./reveal";

const one = ring128.fromBigInts([1n]);
const top = ring128.fromBigInts([1n << 63n]);

type Twist = (ctx: AuthenticatedContext, x: AuthenticatedVector) => AuthenticatedVector;

/** Let party 1 change its own state with `twist`, and then continue by the protocol. */
async function cheatLocally(twist: { input?: Twist; product?: Twist; triple?: boolean }) {
  const sessions = await dealSessions();
  const links = createLinkPair();
  const demand = addDemands(
    input.demand({ owner: 0, length: 1 }),
    input.demand({ owner: 1, length: 1 }),
    multiply.demand({ length: 1 }),
    reveal.demand({ length: 1 }),
  );
  const run = (party: 0 | 1) =>
    sessions[party].issue(demand).run(links[party], async (ctx) => {
      const cheats = party === 1;
      const value = (owner: 0 | 1) =>
        owner === party ? ring64.fromBigInts([6n + BigInt(party)]) : undefined;
      let x = await input.run(ctx, [value(0)], { owner: 0, length: 1 });
      const y = await input.run(ctx, [value(1)], { owner: 1, length: 1 });
      if (cheats && twist.input) x = twist.input(ctx, x);
      const items = !(cheats && twist.triple)
        ? ctx.items
        : {
            ...ctx.items,
            take: async (kind: "triple", count: number) => {
              const [a, b, c] = await ctx.items.take(kind, count);
              const { value, mac } = toShares(c!);
              return [a!, b!, toRaw({ value: ring128.add(value, one), mac })];
            },
          };
      let z = await multiplyShares(
        { link: ctx.link, key: ctx.key, log: ctx.log, items: items as never },
        x,
        y,
      );
      if (cheats && twist.product) z = twist.product(ctx, z);
      return ring64.toBigInts(await ctx.reveal(z));
    });
  const results = Promise.allSettled([run(0), run(1)]);
  const [honest] = await results;
  for (const link of links) endLink(link);
  return { honest, session: sessions[0] };
}

describe("a party that changes its own shares", () => {
  const twists = {
    "a bad input share": { input: (_, x) => ({ ...x, value: ring128.add(x.value, one) }) },
    "a bad MAC share": { product: (_, x) => ({ ...x, mac: ring128.add(x.mac, one) }) },
    "a bad product share": { product: (_, x) => ({ ...x, value: ring128.sub(x.value, one) }) },
    "a bad product share in the top bit": { product: (_, x) => ({ ...x, value: ring128.add(x.value, top) }) },
    "a bad triple": { triple: true },
  } satisfies Record<string, Parameters<typeof cheatLocally>[0]>;

  for (const [name, twist] of Object.entries(twists)) {
    test(`${name} ends the session, and every later call throws the same error`, async () => {
      const { honest, session } = await cheatLocally(twist);
      expect(honest.status).toBe("rejected");
      const { reason } = honest as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(CheckError);
      expect(reason.code).toBe("check-mac");
      expect(session.failure).toBe(reason);
      expect(() => session.issue(NO_DEMAND)).toThrow(reason);
      expect(() => session.prefetch({ triple: 1 })).toThrow(reason);
      await expect(session.ready()).rejects.toBe(reason);
      await expect(session.setUp(createLinkPair()[0])).rejects.toBe(reason);
      await expect(session.prefetched()).rejects.toBe(reason);
    });
  }

  test("without a change it works", async () => {
    const { honest } = await cheatLocally({});
    expect(honest).toEqual({ status: "fulfilled", value: [42n] });
  });
});

describe("statistics", () => {
  test("with k = s = 8 forgeries pass as often as the theory says", () => {
    // One opening changed by 2^7, a weight of 8 bits, a key of 8 bits, and the cheater's best guess of the key.
    let state = 1;
    const byte = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    };
    const rounds = 1 << 20;
    let passed = 0;
    for (let i = 0; i < rounds; i++) {
      const [chi, alpha, guess] = [byte(), byte(), byte()];
      if ((((alpha - guess) * chi) << 7) % 65536 === 0) passed++;
    }
    // Σ over the trailing zeros j of chi of 2^−(j+1) · 2^−min(8, 9−j), and chi = 0, which always passes.
    let theory = 2 ** -8;
    for (let j = 0; j < 8; j++) theory += 2 ** -(j + 1) * 2 ** -Math.min(8, 9 - j);
    expect(Math.abs(passed / rounds - theory)).toBeLessThan(5 * Math.sqrt(theory / rounds));
  });

  test("messages are uniform, whatever the input", async () => {
    const counts = [new Uint32Array(256), new Uint32Array(256)];
    const sessions = await dealSessions(11);
    for (const which of [0, 1] as const) {
      const links = createLinkPair(({ from, payload }) => {
        // The masked input, then the masked factors.
        if (from === 0) for (const byte of payload) counts[which]![byte]!++;
      });
      const length = 512;
      const demand = addDemands(input.demand({ owner: 0, length }), multiply.demand({ length }));
      const run = (party: 0 | 1) =>
        sessions[party].issue(demand).run(links[party], async (ctx) => {
          const values = ring64.full(length, which ? -1n : 0n);
          const x = await input.run(ctx, [party === 0 ? values : undefined], { owner: 0, length: length });
          await multiplyShares(ctx, x, x);
        });
      await Promise.all([run(0), run(1)]);
    }
    const total = counts[0]!.reduce((a, b) => a + b);
    expect(total).toBe(512 * 24);
    const chi = (f: (i: number) => number) =>
      Array.from({ length: 256 }, (_, i) => f(i)).reduce((a, b) => a + b);
    const bits = (count: Uint32Array, bit: number) =>
      count.reduce((sum, n, byte) => sum + ((byte >> bit) & 1) * n, 0);
    // Each bit is set half the time, five deviations at most off, and as often for one input as for the other.
    for (let bit = 0; bit < 8; bit++) {
      const [zero, one] = counts.map((count) => bits(count, bit)) as [number, number];
      for (const set of [zero, one]) expect(Math.abs(set - total / 2)).toBeLessThan(2.5 * Math.sqrt(total));
      expect(Math.abs(zero - one)).toBeLessThan(5 * Math.sqrt(total / 2));
    }
    // 255 degrees of freedom: mean 255, deviation 22.6; the seed is fixed.
    for (const count of counts)
      expect(chi((i) => (count[i]! - total / 256) ** 2 / (total / 256))).toBeLessThan(370);
    expect(
      chi((i) => (counts[0]![i]! - counts[1]![i]!) ** 2 / (counts[0]![i]! + counts[1]![i]!)),
    ).toBeLessThan(370);
  });
});

test("truncation of ten million numbers of every magnitude is off by at most one unit", () => {
  // The formula of `truncate` in the clear, on 64 bits as two words of 32; f = 16.
  let [s0, s1] = [0x9e3779b9, 0x243f6a88];
  const word = () => {
    s0 ^= s0 << 13;
    s0 ^= s0 >>> 17;
    s0 ^= s0 << 5;
    s1 = (Math.imul(s1, 1664525) + 1013904223) | 0;
    return (s0 + s1) >>> 0;
  };
  let worst = 0;
  let wrong = 0;
  for (let i = 0; i < 10_000_000; i++) {
    const magnitude = i % 62;
    let xh = magnitude > 32 ? word() >>> (64 - magnitude) : 0;
    let xl = magnitude >= 32 ? word() : magnitude === 0 ? 0 : word() >>> (32 - magnitude);
    if (i & 64) {
      xl = ~xl + 1;
      xh = ~xh + (xl === 0 ? 1 : 0);
      xl >>>= 0;
    }
    const [rl, rh] = [word(), word()];
    const lo = xl + rl;
    const cl = lo >>> 0;
    const ch = ((xh >>> 0) + 0x40000000 + rh + (lo > 0xffffffff ? 1 : 0)) >>> 0;
    // High words of c >> 16, r >> 16 and the wrap at 2^48, as numbers below 2^48: exact in doubles.
    const shift = (h: number, l: number) => h * 65536 + (l >>> 16);
    const wrap = (rh >>> 31) * (1 - (ch >>> 31)) * 2 ** 48;
    const result = shift(ch, cl) - shift(rh, rl) + wrap - 2 ** 46;
    const floor = (xh | 0) * 65536 + (xl >>> 16);
    const off = result - floor;
    if (off !== 0 && off !== 1) wrong++;
    if (off > worst) worst = off;
  }
  expect(wrong).toBe(0);
  expect(worst).toBe(1);
});
