import type { OperationLink } from "../channel/operation-link";
import { addNeeds, type Needs } from "../preprocessing/kinds";
import type { Pool } from "../preprocessing/pool";
import { authenticateNeeds, inputNeeds } from "./authenticated/input";
import { MaliciousSession, type MaliciousSessionOptions, revealToNeeds } from "./authenticated/session";
import { createAuthenticatedScheme } from "./authenticated-scheme";
import { MatrixMasks, openedBy } from "./matrix-masks";
import { planOf, refuseLargest } from "./needs";
import type { Scheme, Work } from "./scheme";
import type { Estimate, IssuedWork, SharingSession } from "./sharing-session";

/** What a reveal takes beside the values: its checks. */
const REVEAL = { rounds: 11, bytes: 336, random: 2 };

/** One party's end of a session on shares with MACs, whatever makes its correlated randomness. */
export class AuthenticatedSession implements SharingSession {
  readonly scheme: Scheme;
  readonly #session: MaliciousSession;
  readonly masks = new MatrixMasks();

  constructor(options: MaliciousSessionOptions = {}) {
    this.#session = new MaliciousSession(options);
    this.scheme = createAuthenticatedScheme(this.#session) as Scheme;
  }

  get pool(): Pool {
    return this.#session.pool;
  }

  setUp(link: OperationLink): Promise<void> {
    return this.#session.setUp(link);
  }

  refuse(work: Work): void {
    refuseLargest(work, this.pool.offers);
  }

  issue(work: Work): IssuedWork {
    const { truncations = 0, reveals = 0 } = work;
    const { needs, product, triples } = planOf(work, this.#session.offers, this.masks);
    const openings = 2 * (needs.triple ?? 0) + truncations + openedBy(product);
    const operation = this.#session.issue({
      needs: addNeeds(maskNeeds(work), needs),
      openings,
      reveals: reveals > 0 ? 1 : 0,
    });
    const abandon = (error: unknown) => {
      // Otherwise the parties' logs of openings differ from here on.
      if (operation.failsAlone(error)) operation.dismiss();
      else this.#session.fail(error as Error);
      for (const mask of product?.fresh ?? []) mask.fail(error);
    };
    return {
      triples,
      run: (link, body) => operation.run(link, (authenticated) => body({ authenticated, product })),
      abandon,
    };
  }

  estimate(work: Work, masks: MatrixMasks): Estimate {
    const { enters = 0, inputs, truncations = 0, reveals = 0, swaps = 0 } = work;
    const { needs, product, triples } = planOf(work, this.#session.offers, masks);
    const opened = 2 * (needs.triple ?? 0) + openedBy(product);
    const masked = enters + (inputs?.length ?? 0);
    const rounds = [masked + opened, truncations, swaps].filter((elements) => elements > 0).length;
    const bytes = 8 * (masked + opened + truncations + reveals + swaps);
    const checks = reveals > 0 ? REVEAL : { rounds: 0, bytes: 0, random: 0 };
    return {
      needs: addNeeds(maskNeeds(work), { random: checks.random }, needs),
      triples,
      rounds: rounds + checks.rounds,
      bytes: bytes + checks.bytes,
    };
  }

  prefetch(needs: Needs): void {
    this.#session.prefetch(needs);
  }

  prefetched(): Promise<void> {
    return this.#session.prefetched();
  }

  lose(error: Error): void {
    this.#session.lose(error);
  }

  fail(error: Error): void {
    this.#session.fail(error);
  }
}

/** The masks of what enters, of inputs, and of what is revealed to one party. */
function maskNeeds({ enters = 0, inputs, reveals = 0, to }: Work): Needs {
  return addNeeds(
    enters > 0 ? authenticateNeeds(enters) : {},
    inputs ? inputNeeds(inputs.owner, inputs.length) : {},
    to !== undefined ? revealToNeeds(to, reveals) : {},
  );
}
