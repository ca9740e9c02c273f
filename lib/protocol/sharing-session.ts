import type { OperationLink } from "../channel/operation-link";
import type { Needs } from "../preprocessing/kinds/kinds";
import type { Pool } from "../preprocessing/pool/pool";
import type { OperationContext } from "./context";
import type { MatrixMasks } from "./matrix-masks";
import type { Scheme, Work } from "./scheme";

/** What an operation gets of the way in which secrets are shared. */
export type SharingContext = Pick<OperationContext, "items" | "authenticated" | "product">;

/** An operation whose correlated randomness is reserved. */
export interface IssuedWork {
  /** How many triples it takes; one for a whole matrix counts as one. */
  readonly triples: number;
  /** Runs the operation over its link, and burns what it reserved and did not take. */
  run<T>(link: OperationLink, body: (ctx: SharingContext) => Promise<T>): Promise<T>;
  /** The operation will not run, or did not come to its end. */
  abandon(error: unknown): void;
}

/** What estimates of later work depend on. */
export interface PlanState {
  /** Which matrices are masked. */
  readonly masks: MatrixMasks;
  /** Elements that were opened and not checked. */
  unchecked: number;
}

/** What work would take of the two parties. */
export interface Estimate {
  readonly needs: Needs;
  readonly triples: number;
  /** Of the operation itself, not of making its correlated randomness. */
  readonly rounds: number;
  /** Bytes that a party sends in them. */
  readonly bytes: number;
}

/**
 * One party's end of the way in which a session shares secrets: the scheme, and the correlated randomness it takes.
 * Both parties issue the same work in the same order.
 */
export interface SharingSession {
  readonly scheme: Scheme;
  /**
   * Whatever making correlated randomness takes. Work may be issued before; it waits.
   *
   * @param link - stays in use: all correlated randomness is made over it
   * @throws {CheckError} the other party deviated
   */
  setUp(link: OperationLink): Promise<void>;
  /** @throws {RangeError} the work is more than can be; call it before the work is issued */
  refuse(work: Work): void;
  /** @throws the error that ended the session */
  issue(work: Work): IssuedWork;
  /**
   * What work would take, without issuing it.
   *
   * @param state - begin with `planState()`; it notes what the work leaves behind
   */
  estimate(work: Work, state: PlanState): Estimate;
  /** How things stand now, for estimates of what comes; estimates change the copy alone. */
  planState(): PlanState;
  /** The correlated randomness. */
  readonly pool: Pool;
  /** Which matrices are masked already. */
  readonly masks: MatrixMasks;
  /** Plans items beyond what is reserved; both parties call it at the same place in the order of issue. */
  prefetch(needs: Needs): void;
  /**
   * Lets nothing begin that the other party could take for withholding when this party leaves, and waits for what has
   * begun.
   *
   * @returns undefined when there is nothing to wait for
   */
  drain(reason: Error, withinMs: number): Promise<void> | undefined;
  /** Waits until every item planned so far is made. */
  prefetched(): Promise<void>;
  /** Ends it; after a mere close, once operations that lack no message have had the time to end. */
  lose(error: Error): void;
  /** Ends it for good: keys and randomness are overwritten. */
  fail(error: Error): void;
}
