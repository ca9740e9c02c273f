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

/** What an earlier session left to this one, agreed with the other party. */
export interface Kept {
  /** The same batches in the same order on both sides. */
  readonly batches: readonly KeptBatch[];
  /** How the producer goes on where it stopped. */
  readonly resumption: Resumption | undefined;
}

/**
 * Keeps what a pool has at hand beyond the end of the process. Items are numbered as the pool numbers them: what was
 * kept comes first.
 */
export interface Keeper extends UnsettledMark {
  /**
   * Agrees with the other party on what both still have, before anything else passes.
   *
   * @throws {StoreError} the store cannot be read; the message says what to do
   */
  meet(link: OperationLink): Promise<Kept>;
  /** What production goes on with is known: it is kept durably before this returns, and nothing is made earlier. */
  begin(setUp: SetUp): Promise<void>;
  /** Keeps items that nobody has reserved yet, from number `start` of their kind on; the bytes are the keeper's now. */
  add(kind: Kind, start: number, count: number, fields: readonly RawVector[]): void;
  /**
   * Notes that the items before number `end` are used. An item may leave the stock once this has settled.
   *
   * @returns undefined when that is noted already
   */
  burn(kind: Kind, end: number): Promise<void> | undefined;
  /** Ends it; after a failed check everything kept is destroyed, also when it was closed before. */
  close(error: Error): Promise<void>;
}

/** Keeps nothing, and tells the other party so. */
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
