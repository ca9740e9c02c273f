/** Sessions with MACs whose correlated randomness a dealer in this thread makes, from fixed seeds. */
import type { OperationLink } from "../../lib/channel/operation-link";
import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import { alphaOf, correctionBytes, deal, expand } from "../../lib/preprocessing/dealer/dealing/deal";
import type { Kind } from "../../lib/preprocessing/kinds/kinds";
import { AUTHENTICATED } from "../../lib/preprocessing/kinds/raw";
import type { Producer } from "../../lib/preprocessing/producer";
import { AuthenticatedSession } from "../../lib/protocol/authenticated/session";
import { createLinkPair, runBoth } from "./links";

class DealtProducer implements Producer {
  readonly layout = AUTHENTICATED;
  readonly capabilities = { truncation: "truncation", matrices: true, comparison: "digits" } as const;
  readonly concurrency = 1;

  constructor(
    readonly party: 0 | 1,
    readonly seeds: readonly [Uint8Array, Uint8Array],
  ) {}

  batch() {
    return { least: 1, most: 2 ** 14 };
  }

  cost() {
    return { bytes: 0, rounds: 0, micros: 0 };
  }

  async setUp(_: OperationLink) {
    const { party, seeds } = this;
    return {
      // Everything that a party draws comes from its seed, too.
      identity: createIdentity(party, new Uint8Array(32).fill(9), createPrg(seeds[party].slice(0, 16), 100)),
      alpha: alphaOf(seeds[party], AUTHENTICATED),
    };
  }

  async make(kind: Kind, count: number, start: number) {
    const { party, seeds } = this;
    const batch = { kind, count, start };
    const needed = party === 1 && correctionBytes(batch, AUTHENTICATED) > 0;
    const corrections = needed ? deal(batch, { layout: AUTHENTICATED, seeds }) : undefined;
    return expand(batch, AUTHENTICATED, party, seeds[party], corrections);
  }

  async destroy() {}
}

/** Two sessions that are set up. */
export async function dealtSessions(seed: number): Promise<[AuthenticatedSession, AuthenticatedSession]> {
  const seeds = [0, 1].map((party) => new Uint8Array(32).fill(seed + party)) as [Uint8Array, Uint8Array];
  const sessions = ([0, 1] as const).map(
    (party) => new AuthenticatedSession({ producer: new DealtProducer(party, seeds) }),
  ) as [AuthenticatedSession, AuthenticatedSession];
  await runBoth(
    createLinkPair(),
    (link) => sessions[0].setUp(link),
    (link) => sessions[1].setUp(link),
  );
  return sessions;
}
