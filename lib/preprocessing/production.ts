import type { OperationLink } from "../channel/operation-link";
import type { Gate } from "../crypto/gate";
import type { Identity } from "../crypto/identity";
import type { ByteSource } from "../ring";
import type { Kind } from "./kinds/kinds";
import type { RawVector, ShareLayout } from "./kinds/raw";
import type { BatchSizes, Capabilities, ProductionCost, Resumption } from "./producer";

/** One party's secret state, from which a production makes correlated randomness. */
export interface ProducerState {
  readonly identity: Identity;
  /** This party's share of the MAC key; 0 where shares have no MACs. */
  readonly alpha: bigint;
  /** See SetUp. */
  readonly delta?: Uint8Array;
  /** See SetUp. */
  readonly seeds?: Uint8Array;
  /** Whether items of a kind take no message, so that the parties need not agree on a batch of them. Default: none. */
  isSilent?(kind: Kind): boolean;
  /** Make the next items of a kind. Wait for each call before the next. */
  make(link: OperationLink, kind: Kind, count: number): Promise<RawVector[]>;
  /** Overwrite all secrets. */
  destroy(): void;
}

/** A way for two parties to make correlated randomness by themselves, independent of the thread it runs in. */
export interface Production {
  readonly name: string;
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  /** @throws {TypeError} this production does not make that kind */
  batch(kind: Kind): BatchSizes;
  /**
   * The cost of an item, for estimates.
   *
   * @throws {TypeError} this production does not make that kind
   */
  cost(kind: Kind): ProductionCost;
  /**
   * Set up this party's state together with the other party.
   *
   * @param random - secret randomness of this party alone
   * @param resumption - what to continue from instead of base transfers, where this production returned seeds
   * @param gate - the session's gate, which every exchange of commitments passes
   * @throws {CheckError} the other party deviated
   */
  open(link: OperationLink, random: ByteSource, resumption?: Resumption, gate?: Gate): Promise<ProducerState>;
}
