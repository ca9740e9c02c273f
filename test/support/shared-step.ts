/** Runs a step of shares with MACs at both parties, on numbers that are shared at random. */

import { createPrg } from "../../lib/crypto/prg";
import { checkDemand } from "../../lib/protocol/authenticated/check-demand";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { enter } from "../../lib/protocol/authenticated/enter";
import { reveal } from "../../lib/protocol/authenticated/reveal";
import type { AuthenticatedSession } from "../../lib/protocol/authenticated/session";
import { addDemands, type Demand } from "../../lib/protocol/demand";
import { type RingVector, ring64 } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";
import { createLinkPair, endLink, type Tap } from "./links";
import { seedOf } from "./machines";

export interface SharedStep {
  readonly demand: Demand;
  /** How many results it has. */
  readonly results: number;
  step(ctx: AuthenticatedContext, inputs: readonly AuthenticatedVector[]): Promise<AuthenticatedVector>;
}

/** Alters messages, until the honest party has ended. */
export interface Cheat {
  readonly tap?: Tap;
  readonly honest?: 0 | 1;
}

/** Run a step on numbers that are shared at random, and reveal its results. */
export async function runShared(
  seed: number,
  sessions: readonly [AuthenticatedSession, AuthenticatedSession],
  inputs: readonly (readonly bigint[])[],
  { demand: own, results, step }: SharedStep,
  { tap, honest }: Cheat = {},
) {
  const sent = [0, 0];
  const links = createLinkPair((message) => {
    tap?.(message);
    sent[message.from]! += message.payload.length;
  });
  const { length } = inputs[0]!;
  const source = createPrg(seedOf(seed));
  const shares = inputs.map((numbers) => {
    const first = ring64.random(length, source);
    return [first, ring64.sub(ring64.fromBigInts(numbers), first)] as const;
  });
  const demand = addDemands(
    ...inputs.map(() => enter.demand({ length })),
    own,
    reveal.demand({ length: results }),
  );
  const compute = async (party: 0 | 1) => {
    const operation = sessions[party].issue(demand);
    await sessions[party].prefetched();
    return operation.run(links[party], async (ctx) => {
      const entered: AuthenticatedVector[] = [];
      for (const each of shares) entered.push(await enter.run(ctx, [each[party] as RingVector], { length }));
      return ring64.toSignedBigInts(await ctx.reveal(await step(ctx, entered)));
    });
  };
  const running = ([0, 1] as const).map((party) => compute(party).catch((error: Error) => error));
  if (honest !== undefined) {
    await running[honest];
    for (const link of links) endLink(link);
  }
  const [result, other] = await Promise.all(running);
  const bytes = demand.bytes + checkDemand(demand.openings!, demand.bits!).bytes;
  return { result, other, sent, bytes };
}
