import type { OperationLink } from "../channel/operation-link";
import type { Gate } from "../crypto/gate";
import type { Identity } from "../crypto/identity";
import type { Kind } from "./kinds/kinds";
import type { RawVector, ShareLayout } from "./kinds/raw";

/** What the online protocols need of a set-up: who this party is, and its part of the MAC key. */
export interface SetUp {
  readonly identity: Identity;
  /** 0 where shares have no MACs. */
  readonly alpha: bigint;
  /** What the next session's producer can go on with under the same MAC key; secret. */
  readonly seeds?: Uint8Array | undefined;
}

/** How a producer goes on where an earlier session's stopped; but for the seeds the same on both sides. */
export interface Resumption {
  /** This session's name, of no other one. */
  readonly session: Uint8Array;
  readonly seeds: Uint8Array;
  /** How many generations there are between the one that the seeds are for and this one. */
  readonly steps: number;
}

/** Items made at once, from the first batch to the largest. */
export interface BatchSizes {
  readonly least: number;
  readonly most: number;
}

/** What making items takes, for estimates; as measured in full batches. */
export interface ProductionCost {
  /** What a party sends for an item, on average over both. */
  readonly bytes: number;
  /** Rounds of a batch. */
  readonly rounds: number;
  /** Microseconds of one core at each party, for an item. */
  readonly micros: number;
}

/** Which kinds of items the protocols should ask for. */
export interface Capabilities {
  /** How numbers are truncated. */
  readonly truncation: "mask" | "wrap" | "truncation";
  /** Matrices are multiplied by masks of whole matrices; else by a triple for each product of numbers. */
  readonly matrices: boolean;
  /** The largest product of matrices; any unless given. */
  readonly largest?: LargestProduct;
}

/** How large a product of matrices may be. */
export interface LargestProduct {
  /** Of each factor, and of the product. */
  readonly elements: number;
  /** Products of numbers in it. */
  readonly products: number;
}

/**
 * Makes one party's correlated randomness. It owns whatever that takes, which nobody else sees; what it has made leaves
 * it, and no copy stays.
 */
export interface Producer {
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  /** How many batches may be under way at once. */
  readonly concurrency: number;
  /** Both parties' producers say the same. */
  batch(kind: Kind): BatchSizes;
  /** For estimates. */
  cost(kind: Kind): ProductionCost;
  /**
   * Base transfers, keys, or whatever else making takes; once.
   *
   * @param link - to the other party; carries all production from now on
   * @param resumption - spares base transfers; given to those alone whose set-up returned seeds
   * @param gate - of the session; exchanges of commitments pass it, in whichever thread they are made
   * @throws {CheckError} the other party deviated
   */
  setUp(link: OperationLink, resumption?: Resumption, gate?: Gate): Promise<SetUp>;
  /**
   * The next batch of a kind, once it is set up. Both parties ask for the same batches in the same order.
   *
   * @param start - how many items of the kind were asked for before
   * @throws {CheckError} the other party deviated
   */
  make(kind: Kind, count: number, start: number): Promise<RawVector[]>;
  /**
   * Stops what is under way, which then throws `error`, and overwrites every key and seed.
   *
   * @returns settles when nothing is left; nobody needs to wait for it
   */
  destroy(error: Error): Promise<void>;
}
