import type { OperationLink } from "../channel/operation-link";
import type { Gate } from "../crypto/gate";
import type { Identity } from "../crypto/identity";
import type { Kind } from "./kinds/kinds";
import type { RawVector, ShareLayout } from "./kinds/raw";

/** The part of a set-up that the online protocols need: who this party is, and its share of the MAC key. */
export interface SetUp {
  readonly identity: Identity;
  /** 0 where shares have no MACs. */
  readonly alpha: bigint;
  /** This party's key for authenticated bits, 16 bytes; undefined where there are none. */
  readonly delta?: Uint8Array | undefined;
  /** Secret seeds from which the next session's producer can continue under the same MAC key. */
  readonly seeds?: Uint8Array | undefined;
}

/** The values that a producer needs to continue an earlier session. Except for the seeds, both parties hold the same values. */
export interface Resumption {
  /** The name of this session, which no other session has. */
  readonly session: Uint8Array;
  readonly seeds: Uint8Array;
  /** Generations from the one that the seeds belong to up to this session's. */
  readonly steps: number;
}

/** The smallest and the largest number of items that one batch may have. */
export interface BatchSizes {
  readonly least: number;
  readonly most: number;
}

/** The cost of making items, for estimates, measured in full batches. */
export interface ProductionCost {
  /** Bytes that a party sends for an item, averaged over both parties. */
  readonly bytes: number;
  /** Rounds for a batch. */
  readonly rounds: number;
  /** Microseconds of one core at each party for an item. */
  readonly micros: number;
}

/** The kinds of items that a producer makes, so that protocols ask for those. */
export interface Capabilities {
  /** The kind that truncation takes. */
  readonly truncation: "bits" | "wrap" | "truncation";
  /**
   * The protocol that compares, by its items: `carry` and `masked` without MACs, `private` and `digits` with them. Default:
   * none; secrets cannot be compared.
   */
  readonly comparison?: "carry" | "masked" | "private" | "digits";
  /**
   * Whether products of matrices take masks of whole matrices: all, none, or those of some sizes. The others take a triple
   * for each product of numbers.
   */
  readonly matrices: boolean | ((rows: number, inner: number, columns: number) => boolean);
  /** The largest product of matrices. Default: no limit. */
  readonly largest?: LargestProduct;
}

/** How large a product of matrices may be. */
export interface LargestProduct {
  /** Elements of each factor, and of the product. */
  readonly elements: number;
  /** Products of numbers that it takes. */
  readonly products: number;
}

/** What workers on other machines do for a session. */
export interface FactoryStatus {
  /** Whether this party's NATS can be used. */
  readonly connected: boolean;
  /** This party's workers: waiting for a partner, meeting one, waiting for a job, making one. */
  readonly workers: Readonly<Record<"free" | "pairing" | "ready" | "busy", number>>;
  /** Pairs of workers that can make jobs. */
  readonly pairs: number;
  /** Jobs that the workers have, and those that wait or are made in this process. */
  readonly underWay: number;
  readonly waiting: number;
  /** Jobs and items that workers have handed over, and bytes. */
  readonly jobs: number;
  readonly items: number;
  readonly bytes: number;
  /** Items a second since the set-up. */
  readonly itemsPerSecond: number;
  /** Jobs that were made in this process. */
  readonly embedded: number;
  /** Jobs that were published again. */
  readonly retries: number;
  /** Messages that were no result of a job under way: repeated, late, or not a worker's. */
  readonly refused: number;
  /** Runs that workers began and did not hand over. */
  readonly lost: number;
}

/**
 * Makes one party's correlated randomness. A producer owns every key and seed that this takes and shows them to nobody.
 * It hands over the items that it makes and keeps no copy.
 */
export interface Producer {
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  /** How many batches may be in progress at once. */
  readonly concurrency: number;
  /** Both parties' producers must return the same sizes. */
  batch(kind: Kind): BatchSizes;
  /** The cost of an item, for estimates. */
  cost(kind: Kind): ProductionCost;
  /**
   * Set up base transfers, keys and everything else that production needs. Call it once.
   *
   * @param link - to the other party; carries all production from now on
   * @param resumption - replaces base transfers; pass it only if an earlier set-up of this producer returned seeds
   * @param gate - the session's gate, which every exchange of commitments passes, in whichever thread it runs
   * @param control - a second link to the other party, for messages at any time
   * @throws {CheckError} the other party deviated
   */
  setUp(link: OperationLink, resumption?: Resumption, gate?: Gate, control?: OperationLink): Promise<SetUp>;
  /**
   * Make the next batch of a kind, after the set-up. Both parties must ask for the same batches in the same order.
   *
   * @param start - how many items of the kind were asked for before
   * @throws {CheckError} the other party deviated
   */
  make(kind: Kind, count: number, start: number): Promise<RawVector[]>;
  /**
   * Stop everything in progress, which then throws `error`, and overwrite every key and seed.
   *
   * @returns settles when nothing is left; the caller need not wait
   */
  destroy(error: Error): Promise<void>;
  /** What workers on other machines do. Default: there are none. */
  status?(): FactoryStatus;
}
