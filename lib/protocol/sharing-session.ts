import type { OperationLink } from "../channel/operation-link";
import type { Needs } from "../preprocessing/kinds/kinds";
import type { Pool } from "../preprocessing/pool/pool";
import type { Demand } from "./demand";
import type { Setting } from "./protocol";
import type { Context, Scheme, Share } from "./scheme";

/** An operation whose correlated randomness is reserved. */
export interface Issued<C = Context> {
  /** Runs the operation over its link, and burns what it reserved and did not take. */
  run<T>(link: OperationLink, body: (ctx: C) => Promise<T>): Promise<T>;
  /** The operation will not run, or did not finish. */
  abort(error: unknown): void;
}

/** How a scheme checks what its protocols opened. */
export interface Checks {
  /** Elements that operations issued so far open, and that none of them checks. */
  readonly unchecked: number;
  /** What a check of so many openings takes. */
  demand(openings: number): Demand;
}

/**
 * One party's end of the way in which a session shares secrets: the scheme, and the correlated randomness it takes.
 * Both parties issue the same demands in the same order.
 */
export interface SharingSession<S = Share, C = Context> {
  readonly scheme: Scheme<S>;
  readonly setting: Setting;
  /** The correlated randomness. */
  readonly pool: Pool;
  /** Absent where nothing is checked. */
  readonly checks?: Checks;
  /**
   * Sets up keys, and whatever else making correlated randomness takes. Operations may be issued before; they wait.
   *
   * @param link - stays in use: all correlated randomness is made over it
   * @throws {CheckError} the other party deviated
   */
  setUp(link: OperationLink): Promise<void>;
  /**
   * Reserves what an operation takes.
   *
   * @throws the error that ended the session
   */
  issue(demand: Demand): Issued<C>;
  /** Plans items beyond what is reserved; both parties call it at the same place in the order of issue. */
  prefetch(needs: Needs): void;
  /** Waits until every item planned so far is made. */
  prefetched(): Promise<void>;
  /**
   * Lets nothing begin that the other party could take for withholding when this party leaves, and waits for what has
   * begun.
   *
   * @returns undefined when there is nothing to wait for
   */
  drain(reason: Error, withinMs: number): Promise<void> | undefined;
  /** The connection is over: ends at once, or, after the other party's close, once operations that have all their messages had time to finish. */
  close(error: Error): void;
  /** Ends it for good: keys and randomness are overwritten. */
  abort(error: Error): void;
}
