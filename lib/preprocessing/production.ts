import type { OperationLink } from "../channel/operation-link";
import type { Gate } from "../crypto/gate";
import type { Identity } from "../crypto/identity";
import type { ByteSource } from "../ring";
import type { Kind } from "./kinds/kinds";
import type { RawVector, ShareLayout } from "./kinds/raw";
import type { BatchSizes, Capabilities, ProductionCost, Resumption } from "./producer";

/** One party's end of whatever a production makes correlated randomness from. */
export interface ProducerState {
  readonly identity: Identity;
  /** This party's part of the MAC key; 0 where shares have no MACs. */
  readonly alpha: bigint;
  /** See SetUp. */
  readonly seeds?: Uint8Array;
  /** The next items of a kind; one call at a time. */
  make(link: OperationLink, kind: Kind, count: number): Promise<RawVector[]>;
  /** Overwrites what it knows. */
  destroy(): void;
}

/** A way for two parties to make correlated randomness between them, in whichever thread. */
export interface Production {
  readonly name: string;
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  /** @throws {TypeError} it makes no items of that kind */
  batch(kind: Kind): BatchSizes;
  /** For estimates. */
  cost(kind: Kind): ProductionCost;
  /**
   * @param random - secret randomness of this party alone
   * @param resumption - where the production gives seeds: what it goes on with instead of base transfers
   * @param gate - of the session; exchanges of commitments pass it
   * @throws {CheckError} the other party deviated
   */
  open(link: OperationLink, random: ByteSource, resumption?: Resumption, gate?: Gate): Promise<ProducerState>;
}
