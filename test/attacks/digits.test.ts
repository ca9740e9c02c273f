// A party that adds an error to its share of a number before it is split, with the MAC that its own key gives, and follows the
// protocol from there: all that it sends fits its lie. Only the other party's part of the key can tell.
import { expect, test } from "vitest";
import type { Party } from "../../lib/channel/channel";
import { CheckError } from "../../lib/errors";
import * as byBits from "../../lib/protocol/authenticated/bits";
import * as byDigits from "../../lib/protocol/authenticated/bits-digits";
import { compare } from "../../lib/protocol/authenticated/compare-digits";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { enter } from "../../lib/protocol/authenticated/enter";
import { leadingBit } from "../../lib/protocol/authenticated/leading-bit";
import { leadingBit as leadingBitByDigits } from "../../lib/protocol/authenticated/leading-bit-digits";
import { reveal } from "../../lib/protocol/authenticated/reveal";
import { addDemands, type Demand } from "../../lib/protocol/demand";
import { ring64, ring128 } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";
import { dealtSessions } from "../support/dealt-sessions";
import { createLinkPair, endLink } from "../support/links";
import { dealSessions } from "../support/machines";

const ALL = process.env.SPDZLAB_CHEAT === "all";
const TOP = 1n << 63n;
const parties = [0, 1] as const;
const NUMBERS = [0n, -1n, 1n, TOP, (1n << 62n) - 1n].slice(0, ALL ? 5 : 2);

interface Attacked {
  readonly demand: Demand;
  readonly results: number;
  run(ctx: AuthenticatedContext, x: AuthenticatedVector): Promise<AuthenticatedVector>;
  sessions(seed: number): ReturnType<typeof dealSessions>;
}

const length = 1;
const negative = { length, comparison: "negative" } as const;
const narrow = { length, width: 9 };
const leading = { length, width: 40, signed: true };
const attacked: Record<string, Attacked> = {
  "comparison by digits": {
    demand: compare.demand(negative),
    results: 1,
    run: (ctx, x) => compare.run(ctx, [x], negative),
    sessions: dealtSessions,
  },
  "bits by digits": {
    demand: byDigits.bits.demand(narrow),
    results: 9,
    run: (ctx, x) => byDigits.bits.run(ctx, [x], narrow),
    sessions: dealtSessions,
  },
  "AND by digits": {
    demand: byDigits.bitwiseAnd.demand({ length }),
    results: 1,
    run: (ctx, x) => byDigits.bitwiseAnd.run(ctx, [x, x], { length }),
    sessions: dealtSessions,
  },
  "leading bit by digits": {
    demand: leadingBitByDigits.demand(leading),
    results: 42,
    run: (ctx, x) => leadingBitByDigits.run(ctx, [x], leading),
    sessions: dealtSessions,
  },
  "AND by private bits": {
    demand: byBits.bitwiseAnd.demand({ length }),
    results: 1,
    run: (ctx, x) => byBits.bitwiseAnd.run(ctx, [x, x], { length }),
    sessions: dealSessions,
  },
  "leading bit by private bits": {
    demand: leadingBit.demand(leading),
    results: 42,
    run: (ctx, x) => leadingBit.run(ctx, [x], leading),
    sessions: dealSessions,
  },
};

/** How the honest party's run ends, and how much it had sent by then. */
async function endOf({ demand, results, run, sessions }: Attacked, x: bigint, cheater: Party, error: bigint) {
  const both = await sessions(11);
  const honest = (1 - cheater) as Party;
  let sent = 0;
  const links = createLinkPair(({ from }) => {
    if (from === honest) sent++;
  });
  const side = async (party: Party) => {
    const session = both[party];
    const operation = session.issue(
      addDemands(enter.demand({ length }), demand, reveal.demand({ length: results })),
    );
    await session.prefetched();
    return operation.run(links[party], async (ctx) => {
      let share = await enter.run(ctx, [ring64.fromBigInts([party === honest ? x : 0n])], { length });
      if (party === cheater)
        share = {
          value: ring128.addScalar(share.value, error),
          mac: ring128.addScalar(share.mac, BigInt.asUintN(128, error * ctx.key.alpha)),
        };
      return ring64.toBigInts(await ctx.reveal(await run(ctx, share)));
    });
  };
  const cheating = side(cheater).catch(() => undefined);
  const end = await side(honest).catch((reason: unknown) => reason);
  for (const link of links) endLink(link);
  await cheating;
  return { end, sent };
}

test.each(Object.keys(attacked))(
  "a lie that all messages fit is caught, alike for all numbers: %s",
  async (name) => {
    const isDealt = attacked[name]!.sessions === dealtSessions;
    for (const cheater of parties)
      for (const error of ALL ? [TOP, TOP >> 1n, 1n] : isDealt ? [TOP, 1n] : [TOP]) {
        const ends = new Set<string>();
        for (const x of isDealt || ALL ? NUMBERS : NUMBERS.slice(0, cheater + 1)) {
          const { end, sent } = await endOf(attacked[name]!, x, cheater, error);
          expect(end).toBeInstanceOf(CheckError);
          expect((end as CheckError).check).toBe("mac");
          ends.add(`${(end as CheckError).message} after ${sent}`);
        }
        expect([...ends]).toHaveLength(1);
      }
  },
);

test("without a lie, the same runs give results", async () => {
  const { end } = await endOf(attacked["comparison by digits"]!, -1n, 1, 0n);
  expect(end).toEqual([1n]);
});
