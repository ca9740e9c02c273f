import type { OperationLink } from "../../channel/operation-link";
import type { UnsettledMark } from "../../crypto/gate";
import type { Kind } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import type { Resumption, SetUp } from "../producer";
import { exchangeGreetings, NO_STORE } from "./agreement";

/** Items that both parties still have. */
export interface KeptBatch {
  readonly kind: Kind;
  readonly count: number;
  readonly fields: readonly RawVector[];
}

/** The state that an earlier session left for this one, agreed with the other party. */
export interface Kept {
  /** The same batches in the same order on both sides. */
  readonly batches: readonly KeptBatch[];
  /** How the producer continues where it stopped. */
  readonly resumption: Resumption | undefined;
}

/**
 * Keeps a pool's ready items beyond the end of the process. Items have the numbers that the pool gives them, in which
 * kept items come first.
 */
export interface Keeper extends UnsettledMark {
  /**
   * Agree with the other party on the items that both still have, before any other message passes.
   *
   * @throws {StoreError} the store cannot be read; the message says what to do
   */
  meet(link: OperationLink): Promise<Kept>;
  /** Store, durably before this settles, what the next session's production continues from. Make nothing before. */
  begin(setUp: SetUp): Promise<void>;
  /** Keep items that nobody has reserved yet, from number `start` of their kind on. The keeper owns the bytes now. */
  add(kind: Kind, start: number, count: number, fields: readonly RawVector[]): void;
  /**
   * Note that the items before number `end` are used. An item may leave the stock only after this has settled.
   *
   * @returns undefined if that is noted already
   */
  burn(kind: Kind, end: number): Promise<void> | undefined;
  /** Close it. After a failed check, destroy everything kept, even if it was closed before. */
  close(error: Error): Promise<void>;
}

/** Keeps nothing, and says so to the other party. */
export const nothingKept: Keeper = {
  async meet(link) {
    await exchangeGreetings(link, NO_STORE);
    return { batches: [], resumption: undefined };
  },
  begin: async () => undefined,
  add: () => undefined,
  burn: () => undefined,
  set: () => undefined,
  clear: () => undefined,
  close: async () => undefined,
};
