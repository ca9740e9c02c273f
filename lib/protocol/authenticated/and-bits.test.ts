// ANDs of authenticated bits within a session, whose log remembers every bit until it is checked.
import { describe, expect, test } from "vitest";
import { createLinkPair, endLink, type Tap } from "../../../test/support/links";
import { dealSessions } from "../../../test/support/machines";
import { CheckError } from "../../errors";
import type { RawVector } from "../../preprocessing/kinds/raw";
import { toShares } from "../../preprocessing/kinds/raw";
import { ring64 } from "../../ring";
import { type BitGates, signOfDifference } from "../../sharing/bit-circuits";
import { openBits } from "../../sharing/bit-opening";
import { type BitVector, bitAt, bitCount, concatBits, notBits, sliceBits, xorBits } from "../../sharing/bits";
import { addDemands, type Demand } from "../demand";
import { andBits, bitKey, toBits } from "./and-bits";
import { checkDemand } from "./check-demand";
import type { AuthenticatedContext } from "./context";
import { release, reveal } from "./reveal";

/** Take random bits that neither party knows: factors of triples. */
async function takeBits(ctx: AuthenticatedContext, count: number): Promise<BitVector> {
  const [a] = (await ctx.items.take("andtriple", count)) as [RawVector];
  return toBits(a);
}
const taking = (count: number): Demand => ({ items: { andtriple: count }, rounds: 0, bytes: 0 });
const opening = (count: number): Demand => ({
  items: {},
  rounds: 1,
  bytes: Math.ceil(count / 8),
  bits: count,
});

/** The gates of a context. */
function gatesOf(ctx: AuthenticatedContext): BitGates<BitVector> {
  const key = bitKey(ctx.key);
  return {
    xor: xorBits,
    not: (x) => notBits(key, x),
    async and(pairs) {
      const length = bitCount(pairs[0]![0]);
      const [x, y] = [0, 1].map((side) => concatBits(pairs.map((pair) => pair[side as 0 | 1])));
      const product = await andBits.run(ctx, [x!, y!], { length: pairs.length * length });
      return pairs.map((_, i) => sliceBits(product, i * length, (i + 1) * length));
    },
  };
}

describe("ANDs in a session", () => {
  test("the sign of 64-bit differences of shared bits is right", async () => {
    const sessions = await dealSessions(21);
    const links = createLinkPair();
    const numbers = 5;
    const inputs = 128 * numbers;
    const demand = addDemands(
      taking(inputs),
      andBits.demand({ length: 122 * numbers }),
      opening(inputs + numbers),
      release.demand({ length: 0 }),
    );
    const run = (party: 0 | 1) =>
      sessions[party].issue(demand).run(links[party], async (ctx) => {
        const bits = await takeBits(ctx, inputs);
        const places = Array.from({ length: 128 }, (_, i) => sliceBits(bits, i * numbers, (i + 1) * numbers));
        const sign = await signOfDifference(gatesOf(ctx), places.slice(0, 64), places.slice(64));
        const opened = await openBits(ctx.link, bitKey(ctx.key), ctx.log.bits, concatBits([bits, sign]));
        await ctx.release();
        return opened;
      });
    const [opened, same] = await Promise.all([run(0), run(1)]);
    expect(opened).toEqual(same);
    for (let i = 0; i < numbers; i++) {
      const number = (from: number) =>
        Array.from(
          { length: 64 },
          (_, j) => BigInt(bitAt(opened, (from + j) * numbers + i)) << BigInt(j),
        ).reduce((sum, bit) => sum + bit, 0n);
      const difference = BigInt.asUintN(64, number(0) - number(64));
      expect(bitAt(opened, inputs + i)).toBe(Number(difference >> 63n));
    }
  });

  test("takes the rounds and bytes that its demand and that of the check say", async () => {
    const sessions = await dealSessions(22);
    const sent = [0, 0];
    let rounds = 0;
    const links = createLinkPair(({ from, payload }) => {
      sent[from]! += payload.length;
      if (from === 0) rounds++;
    });
    const length = 13;
    const demand = addDemands(andBits.demand({ length }), taking(2 * length));
    const operation = (party: 0 | 1) => sessions[party].issue({ ...demand, releases: 1 });
    const operations = [operation(0), operation(1)];
    await Promise.all(sessions.map((session) => session.prefetched()));
    const run = (party: 0 | 1) =>
      operations[party]!.run(links[party], async (ctx) => {
        const x = await takeBits(ctx, length);
        await andBits.run(ctx, [x, await takeBits(ctx, length)], { length });
        await ctx.release();
      });
    await Promise.all([run(0), run(1)]);
    const expected = addDemands(demand, checkDemand(0, demand.bits));
    expect({ rounds, bytes: sent }).toEqual({
      rounds: expected.rounds,
      bytes: [expected.bytes, expected.bytes],
    });
  });

  test("a session without a key for bits says so", () => {
    expect(() => bitKey({ party: 0, alpha: 1n })).toThrow(/no key for authenticated bits/);
  });
});

/**
 * One operation opens bits, and a later one reveals a number that does not depend on them.
 *
 * @returns what the honest party 0 revealed, and the error of its session
 */
async function revealLater(tap?: Tap) {
  const sessions = await dealSessions(23);
  const links = [createLinkPair(tap), createLinkPair(tap)];
  const run = async (party: 0 | 1) => {
    const session = sessions[party];
    const first = session.issue(addDemands(taking(20), andBits.demand({ length: 10 })));
    expect(session.checks.uncheckedBits).toBe(20);
    const second = session.issue(
      addDemands({ items: { random: 2 }, rounds: 0, bytes: 0 }, reveal.demand({ length: 2 })),
    );
    expect(session.checks.uncheckedBits).toBe(0);
    const opens = first.run(links[0]![party], async (ctx) => {
      const x = await takeBits(ctx, 10);
      return andBits.run(ctx, [x, await takeBits(ctx, 10)], { length: 10 });
    });
    opens.catch(() => undefined);
    return second.run(links[1]![party], async (ctx) => {
      const [value] = (await ctx.items.take("random", 2)).map(toShares);
      return ring64.toBigInts(await ctx.reveal(value!));
    });
  };
  const cheater = run(1).catch(() => undefined);
  const [honest] = await Promise.allSettled([run(0)]);
  const { failure } = sessions[0];
  for (const pair of links) for (const link of pair) endLink(link);
  await cheater;
  for (const session of sessions) session.close();
  return { honest, failure };
}

test("a later reveal checks the bits of an earlier operation", async () => {
  const { honest, failure } = await revealLater();
  expect(honest).toMatchObject({ status: "fulfilled" });
  expect(failure).toBeUndefined();
});

test.each([0, 9, 10, 19])(
  "a bit of an earlier operation that was flipped (%d) stops a later reveal",
  async (i) => {
    let sent = 0;
    const { honest, failure } = await revealLater((message) => {
      if (message.from !== 1) return;
      if (message.what === "opens masked bits") message.payload[i >> 3]! ^= 1 << (i & 7);
      if (message.what === "opens the result") sent++;
    });
    expect(honest).toMatchObject({ status: "rejected", reason: { code: "check-mac" } });
    expect(failure).toBeInstanceOf(CheckError);
    expect(sent).toBe(0);
  },
);
