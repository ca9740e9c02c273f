// Attacks on what private bits are used for, comparison and truncation, by a party that adapts all it sends to its lie: it
// claims its zero with a share whose low word fits, or shows sums whose parities fit. Only the MACs can tell.
import { expect, test } from "vitest";
import type { Party } from "../../lib/channel/channel";
import { CheckError } from "../../lib/errors";
import { DABIT_SUMS, makePrivateDaBits } from "../../lib/preprocessing/malicious/binary/dabits";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { WIDE } from "../../lib/preprocessing/malicious/ring-vole";
import { compare } from "../../lib/protocol/authenticated/compare";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { enter } from "../../lib/protocol/authenticated/enter";
import { reveal } from "../../lib/protocol/authenticated/reveal";
import { truncate } from "../../lib/protocol/authenticated/truncate";
import { addDemands } from "../../lib/protocol/demand";
import { ring64, ring128 } from "../../lib/ring";
import { createLinkPair, endLink, type Tap } from "../support/links";
import { dealOtStates, dealSessions } from "../support/machines";

const ALL = process.env.SPDZLAB_CHEAT === "all";
const TOP = 1n << 63n;
const parties = [0, 1] as const;
const length = 1;
const setting = { can: { truncation: "bits", matrices: false } } as never;
const steps = {
  negative: {
    demand: compare.demand({ length, comparison: "negative" }),
    run: (ctx: AuthenticatedContext, x: never) => compare.run(ctx, [x], { length, comparison: "negative" }),
  },
  zero: {
    demand: compare.demand({ length, comparison: "zero" }),
    run: (ctx: AuthenticatedContext, x: never) => compare.run(ctx, [x], { length, comparison: "zero" }),
  },
  truncate: {
    demand: truncate.demand({ length, bits: 16 }, setting),
    run: (ctx: AuthenticatedContext, x: never) => truncate.run(ctx, [x], { length, bits: 16 }),
  },
};

interface Lie {
  readonly cheater: Party;
  readonly tap?: Tap;
  /** What the cheater adds to its share of the claimed zero. */
  readonly claim?: bigint;
}

/** The honest party's end: its result or error, and how many messages it had sent by then. */
async function run(seed: number, step: keyof typeof steps, x: bigint, { cheater, tap, claim = 0n }: Lie) {
  const { demand, run: compute } = steps[step];
  const sessions = await dealSessions(seed);
  const honest = (1 - cheater) as Party;
  let sent = 0;
  const links = createLinkPair((message) => {
    if (message.from === honest) sent++;
    tap?.(message);
  });
  const side = async (party: Party) => {
    const session = sessions[party];
    const operation = session.issue(addDemands(enter.demand({ length }), demand, reveal.demand({ length })));
    await session.prefetched();
    return operation.run(links[party], async (ctx) => {
      if (party === cheater && claim !== 0n) {
        const { log } = ctx;
        const real = log.claimZero.bind(log);
        log.claimZero = ({ value, mac }) => real({ value: ring128.addScalar(value, claim), mac });
      }
      const share = await enter.run(ctx, [ring64.fromBigInts([party === honest ? x : 0n])], { length });
      return ring64.toBigInts(await ctx.reveal(await compute(ctx, share as never)));
    });
  };
  const cheating = side(cheater).catch(() => undefined);
  const end = await side(honest).catch((error: unknown) => error);
  for (const link of links) endLink(link);
  await cheating;
  return { end, sent };
}

/**
 * Shift y by a number. Party 1 sends another word; party 0 acts as if it had received another, and so sends bits of another y,
 * which it uses itself in all that follows.
 */
const shifting =
  (by: bigint): Tap =>
  ({ what, payload }) => {
    if (what !== "masked number" && what !== "masked product") return;
    const view = new DataView(payload.buffer, payload.byteOffset);
    view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0, true) + by), true);
  };

test.each(["negative", "zero", "truncate"] as const)(
  "a party that shifts y, and its share of the claimed zero to match, never passes: %s",
  async (step) => {
    const tries = ALL ? 200 : 1;
    for (let seed = 1; seed <= tries; seed++)
      for (const cheater of parties)
        for (const by of [TOP, 1n << 62n, 1n]) {
          const { end } = await run(seed, step, 5n << 16n, { cheater, tap: shifting(by), claim: -by });
          expect(end).toBeInstanceOf(CheckError);
          expect((end as CheckError).check).toBe("mac");
        }
  },
);

test.each(parties)("when party %i lies, the run ends alike for all numbers", async (cheater) => {
  const flipping: Tap = ({ from, what, payload }) => {
    if (from === cheater && what === "opens masked bits") payload[0]! ^= 1;
  };
  const sentBy: number[] = [];
  for (const lie of [{ tap: flipping }, { tap: shifting(TOP) }, { tap: shifting(TOP), claim: TOP }]) {
    const ends = new Map<string, number>();
    for (const x of [0n, 1n, -1n, TOP, (1n << 62n) - 1n].slice(0, ALL ? 5 : 3)) {
      const { end, sent } = await run(9, "negative", x, { cheater, ...lie });
      expect(end).toBeInstanceOf(CheckError);
      ends.set(`${(end as CheckError).message} after ${sent}`, sent);
    }
    expect([...ends.keys()]).toHaveLength(1);
    sentBy.push(...ends.values());
  }
  // The check of bits finds nothing in a shifted y, and the low word of a fitting claim passes too: the MAC remains.
  const [flipped, shifted, fitting] = sentBy as [number, number, number];
  expect(shifted).toBeGreaterThan(flipped);
  expect(fitting).toBeGreaterThan(shifted);
});

/** How the honest party's run of making private bits ends. */
async function make(states: readonly [OtState, OtState], cheater: Party, tap?: Tap): Promise<string> {
  const links = createLinkPair(tap);
  const body = (party: Party) => makePrivateDaBits(links[party], states[party], 3);
  const cheating = body(cheater).catch(() => undefined);
  const honest = (1 - cheater) as Party;
  const ended = body(honest).then(
    () => "accepted",
    (error: Error) => error.message,
  );
  await Promise.race([ended, cheating]);
  await new Promise((resolve) => setTimeout(resolve, 3));
  for (const link of links) endLink(link);
  await cheating;
  return ended;
}

test.each(parties)(
  "party %i cannot have a bit in the ring that differs from its bit in F_2",
  async (cheater) => {
    const spares = [...Array(DABIT_SUMS).keys()].map((i) => 3 + i);
    // One bit, and with it none, some or all spare bits of the sums that may contain it.
    for (const [i, turned] of [[1], [1, 3, 5, 8], [0, 1, 2], [2, ...spares], [4]].entries()) {
      const states = dealOtStates(60 + i);
      const { kernels } = states[cheater];
      const { run: real } = kernels;
      // The bits in the ring are proven to be bits: the lie begins with the packed ones, from which the proof is made.
      const move = kernels.move.bind(kernels);
      let moved = 0;
      Object.assign(kernels, {
        run: {
          ...real,
          packLow: (from: number, count: number, to: number) => {
            real.packLow(from, count, to);
            const packed = kernels.view(to, Math.ceil(count / 8));
            for (const bit of turned) packed[bit >> 3]! ^= 1 << (bit & 7);
          },
        },
        move: (to: number, from: number, size: number) => {
          move(to, from, size);
          // One byte of each bit in turn.
          if (size === 1 && turned.includes(moved++)) kernels.view(to, 1)[0]! ^= 1;
        },
      });
      expect(await make(states, cheater)).toMatch("a bit in F_2 and a different one in the ring");
    }
  },
);

test.each(parties)(
  "party %i cannot show sums with the parities of its bits in F_2 instead",
  async (cheater) => {
    for (let seed = 70; seed < (ALL ? 120 : 73); seed++) {
      const states = dealOtStates(seed);
      // It knows that sum 0 has the wrong parity, and turns what it shows; the MAC would need 2^63·alpha.
      const tap: Tap = ({ from, payload }) => {
        if (from === cheater && payload.length === DABIT_SUMS * 16 + 32) payload[7]! ^= 128;
      };
      expect(await make(states, cheater, tap)).toMatch("a bit in F_2 and a different one in the ring");
    }
  },
);

test("whether an altered message is noticed while private bits are made does not depend on the bits", async () => {
  // Corrections bet on digits of a key, which how-sure.md counts; no other message is a bet.
  const sizes: number[] = [];
  await make(dealOtStates(1), 0, ({ from, payload }) => {
    if (from === 0) sizes.push(payload.length);
  });
  const bets = [sizes[0], sizes.find((size) => size > 64 * WIDE * 4)];
  for (const cheater of parties)
    for (const [index, size] of sizes.entries()) {
      if (bets.includes(size)) continue;
      const ends = new Set<string>();
      for (let seed = 1; seed <= (ALL ? 20 : 3); seed++)
        ends.add(
          await make(dealOtStates(seed), cheater, (message) => {
            if (message.from === cheater && message.index === index) message.payload[0]! ^= 1;
          }),
        );
      expect([...ends], `message ${index}`).toHaveLength(1);
      expect(ends).not.toContain("accepted");
    }
});
