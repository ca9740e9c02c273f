import type { OperationLink } from "../../channel/operation-link";
import type { Identity } from "../../crypto/identity";
import type { RawVector } from "../raw";
import type { Kind } from "../recipes";

/** What the online protocols need of a set-up: who this party is, and its part of the MAC key. */
export interface SetUp {
  readonly identity: Identity;
  readonly alpha: bigint;
}

/**
 * Makes one party's correlated randomness. It owns the machine, which nobody else sees; what it has made leaves it,
 * and no copy stays. One batch is made at a time.
 */
export interface Producer {
  /**
   * Base transfers and the MAC key; once.
   *
   * @param link - carries all production from now on
   * @throws {CheckError} the other party deviated
   */
  setUp(link: OperationLink): Promise<SetUp>;
  /**
   * The next batch of a kind, once it is set up.
   *
   * @throws {CheckError} the other party deviated
   */
  make(kind: Kind, count: number): Promise<RawVector[]>;
  /**
   * Stops what is under way, which then throws `error`, and overwrites every key and seed.
   *
   * @returns settles when nothing is left; nobody needs to wait for it
   */
  destroy(error: Error): Promise<void>;
}
