import type { OperationLink } from "../channel/operation-link";
import type { Needs } from "../preprocessing/kinds/kinds";
import type { Pool } from "../preprocessing/pool/pool";
import type { Demand } from "./demand";
import type { Setting } from "./protocol";
import type { Context, Scheme, Share } from "./scheme";

/** An operation whose correlated randomness is reserved. */
export interface Issued<C = Context> {
  /** Run the operation over its link, and destroy the items that it reserved and did not take. */
  run<T>(link: OperationLink, body: (ctx: C) => Promise<T>): Promise<T>;
  /** Call this if the operation will not run, or did not finish. */
  abort(error: unknown): void;
}

/** How a scheme checks its openings. */
export interface Checks {
  /** The number of elements opened by operations issued so far and checked by none of them. */
  readonly unchecked: number;
  /** The same for bits. */
  readonly uncheckedBits: number;
  /** Return the demand of a check of so many openings, and of so many bits. */
  demand(openings: number, bits: number): Demand;
}

/**
 * One party's end of a session's secret sharing: the scheme, and its correlated randomness. Both parties issue the same
 * demands in the same order.
 */
export interface SharingSession<S = Share, C = Context> {
  readonly scheme: Scheme<S>;
  readonly setting: Setting;
  /** The correlated randomness. */
  readonly pool: Pool;
  /** Absent if nothing is checked. */
  readonly checks?: Checks;
  /**
   * Set up keys, and everything else that making correlated randomness needs. Operations issued before wait.
   *
   * @param link - stays in use for making all correlated randomness
   * @param control - stays in use for a producer's messages at any time
   * @throws {CheckError} the other party deviated from the protocol
   */
  setUp(link: OperationLink, control?: OperationLink): Promise<void>;
  /**
   * Reserve an operation's demand.
   *
   * @throws the error that ended the session
   */
  issue(demand: Demand): Issued<C>;
  /** Plan items beyond the reserved ones; both parties call it at the same place in the order of issue. */
  prefetch(needs: Needs): void;
  /** Wait until every item planned so far is made. */
  prefetched(): Promise<void>;
  /**
   * Start no more commitments, whose missing openings the other party would take for withholding, and wait until those
   * already made are opened.
   *
   * @returns undefined if there is nothing to wait for
   */
  drain(reason: Error, withinMs: number): Promise<void> | undefined;
  /**
   * End after the connection has ended. After an orderly close, first give operations that have all their messages time
   * to finish.
   */
  close(error: Error): void;
  /** End for good: overwrite keys and randomness. */
  abort(error: Error): void;
}
