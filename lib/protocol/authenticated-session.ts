import type { OperationLink } from "../channel/operation-link";
import { addNeeds, type Needs } from "../preprocessing/kinds";
import { authenticateNeeds } from "./authenticated/input";
import { MaliciousSession, type MaliciousSessionOptions } from "./authenticated/session";
import { createAuthenticatedScheme } from "./authenticated-scheme";
import { MatrixMasks } from "./matrix-masks";
import { planOf } from "./needs";
import type { Scheme, Work } from "./scheme";
import type { IssuedWork, SharingSession } from "./sharing-session";

/** One party's end of a session on shares with MACs, whatever makes its correlated randomness. */
export class AuthenticatedSession implements SharingSession {
  readonly scheme: Scheme;
  readonly #session: MaliciousSession;
  readonly #masks = new MatrixMasks();

  constructor(options: MaliciousSessionOptions = {}) {
    this.#session = new MaliciousSession(options);
    this.scheme = createAuthenticatedScheme(this.#session) as Scheme;
  }

  setUp(link: OperationLink): Promise<void> {
    return this.#session.setUp(link);
  }

  issue(work: Work): IssuedWork {
    const { truncations = 0, enters = 0, reveals = 0 } = work;
    const { needs, product, triples } = planOf(work, this.#session.offers, this.#masks);
    const openings = 2 * (needs.triple ?? 0) + truncations + (product ? openedBy(work) : 0);
    const operation = this.#session.issue({
      needs: addNeeds(enters > 0 ? authenticateNeeds(enters) : {}, needs),
      openings,
      reveals: reveals > 0 ? 1 : 0,
    });
    const abandon = (error: unknown) => {
      // The parties' logs of openings differ from here on.
      this.#session.fail(error as Error);
      for (const mask of product?.fresh ?? []) mask.fail(error);
    };
    return {
      triples,
      run: (link, body) => operation.run(link, (authenticated) => body({ authenticated, product })),
      abandon,
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

/** How many elements the product of two matrices opens at most. */
function openedBy({ matmul }: Work): number {
  const [m, k, n] = matmul!.sizes;
  return m * k + k * n;
}
