import type { OperationLink } from "../../channel/operation-link";
import { addNeeds, type Needs } from "../../preprocessing/kinds/kinds";
import type { Pool } from "../../preprocessing/pool/pool";
import { rowsOf } from "../../sharing/mac-rows";
import { MatrixMasks, openedBy } from "../matrix-masks";
import { planOf, refuseLargest } from "../needs";
import type { Scheme, Work } from "../scheme";
import type { Estimate, IssuedWork, PlanState, SharingSession } from "../sharing-session";
import { authenticateNeeds, inputNeeds } from "./input";
import { createAuthenticatedScheme } from "./scheme";
import { MaliciousSession, type MaliciousSessionOptions, revealToNeeds } from "./session";

/** Bytes of 16-byte coins or shares of a check: a commitment, and its opening. */
const COMMITMENT = 32;
const OPENED = 32 + 16;
const ELEMENT = 16;

/** What a check of so many openings takes. */
function checkCost(count: number) {
  if (count === 0) return { rounds: 0, bytes: 0, random: 0 };
  const random = rowsOf(count);
  const rows = random * ELEMENT + 2 * (COMMITMENT + OPENED);
  return count > random
    ? { rounds: 6, bytes: rows + COMMITMENT + OPENED, random }
    : { rounds: 4, bytes: rows, random };
}

/** What revealing so many values takes: of few, the check is the opening. */
function revealCost(count: number) {
  const check = checkCost(count);
  if (count === check.random) return check;
  return { ...check, rounds: check.rounds + 1, bytes: check.bytes + 8 * count };
}

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
    const { truncations = 0, reveals = 0, swaps = 0 } = work;
    const { needs, product, triples } = planOf(work, this.#session.offers, this.masks);
    const openings = 2 * (needs.triple ?? 0) + truncations + openedBy(product);
    const operation = this.#session.issue({
      needs: addNeeds(maskNeeds(work), needs),
      openings,
      reveals,
      releases: swaps > 0,
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

  estimate(work: Work, state: PlanState): Estimate {
    const { enters = 0, inputs, truncations = 0, reveals = 0, swaps = 0 } = work;
    const { needs, product, triples } = planOf(work, this.#session.offers, state.masks);
    const opened = 2 * (needs.triple ?? 0) + openedBy(product);
    const masked = enters + (inputs?.length ?? 0);
    const rounds = [masked + opened, truncations, swaps].filter((elements) => elements > 0).length;
    const bytes = 8 * (masked + opened + truncations + swaps);
    state.unchecked += opened + truncations;
    const gives = reveals + swaps > 0;
    const before = checkCost(gives ? state.unchecked : 0);
    if (gives) state.unchecked = 0;
    const output = revealCost(reveals);
    const random = before.random + output.random;
    return {
      needs: addNeeds(maskNeeds(work), random > 0 ? { random } : {}, needs),
      triples,
      rounds: rounds + before.rounds + output.rounds,
      bytes: bytes + before.bytes + output.bytes,
    };
  }

  planState(): PlanState {
    return { masks: new MatrixMasks(this.masks), unchecked: this.#session.unchecked };
  }

  drain(reason: Error, withinMs: number): Promise<void> | undefined {
    return this.#session.drain(reason, withinMs);
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
