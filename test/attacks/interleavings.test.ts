// Honest parties whose operations, reveals and batches interleave randomly, and differently at each party. Outputs wait
// for checks, and checks wait only for their own messages, so no party waits forever and none is accused.
import { expect, test } from "vitest";
import { input } from "../../lib/protocol/authenticated/input";
import { multiply, multiplyShares } from "../../lib/protocol/authenticated/multiply";
import { reveal } from "../../lib/protocol/authenticated/reveal";
import { addDemands } from "../../lib/protocol/demand";
import { ring64 } from "../../lib/ring";
import { createLinkPair, type Passing } from "../support/links";
import { dealSessions } from "../support/machines";

const ROUNDS = process.env.SPDZLAB_CHEAT === "all" ? 1000 : 60;
const OPERATIONS = 8;
const SEED = Number(process.env.SPDZLAB_SEED ?? 20261130);

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

test(`reveals and batches interleave in ${ROUNDS} ways (SPDZLAB_SEED=${SEED})`, async () => {
  const random = generator(SEED);
  const late = (message: Passing) => {
    message.delayMs = random() < 0.3 ? Math.floor(random() * 4) : 0;
  };
  const sessions = await dealSessions(5, { owedMs: 20_000 }, createLinkPair(late));
  const product = addDemands(input.demand({ owner: 0, length: 1 }), multiply.demand({ length: 1 }));
  for (let round = 0; round < ROUNDS; round++) {
    const reveals = Array.from({ length: OPERATIONS }, () => (random() < 0.5 ? 1 : 0));
    const prefetches = Array.from({ length: OPERATIONS }, () => random() < 0.15);
    const links = reveals.map(() => createLinkPair(late));
    const issued = sessions.map((session) =>
      reveals.map((reveals, i) => {
        if (prefetches[i]) session.prefetch({ triple: 32 });
        return session.issue(reveals ? addDemands(product, reveal.demand({ length: 1 })) : product);
      }),
    );
    const results = await Promise.all(
      ([0, 1] as const).map((party) =>
        Promise.all(
          shuffled([...reveals.keys()], random).map(async (i) => {
            const value = await issued[party]![i]!.run(links[i]![party], async (ctx) => {
              const x = await input.run(
                ctx,
                [party === 0 ? ring64.fromBigInts([BigInt(i + 2)]) : undefined],
                { owner: 0, length: 1 },
              );
              const product = await multiplyShares(ctx, x, x);
              return reveals[i] ? ring64.toBigInts(await ctx.reveal(product))[0] : undefined;
            });
            return [i, value] as const;
          }),
        ),
      ),
    );
    for (const values of results)
      for (const [i, value] of values) expect(value).toBe(reveals[i] ? BigInt((i + 2) ** 2) : undefined);
  }
  for (const { failure } of sessions) expect(failure).toBeUndefined();
});
