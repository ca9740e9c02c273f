import type { Party } from "./channel";

/**
 * The messages of one operation on the channel. Both parties make the same calls in the same order. Messages of other
 * operations never appear here.
 */
export interface OperationLink {
  readonly party: Party;
  /**
   * Queue a message. From now on, the bytes belong to the link.
   *
   * @param what - what the message carries, for people, in the same words in every run
   */
  send(payload: Uint8Array, what?: string): void;
  /**
   * Wait for the peer's next message of this operation.
   *
   * @throws {TransportError} its size is not `length`, or the channel is closed
   * @throws {DesyncError} the peer runs a different operation under this number
   */
  receive(length: number, what?: string): Promise<Uint8Array>;
  /**
   * Count a round in which this party's next message, or the other party's, waits for one that goes the other way. Only
   * for figures of rounds.
   */
  passRound?(): void;
  /** Send a message and receive one of the same size, in one round. */
  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array>;
}
