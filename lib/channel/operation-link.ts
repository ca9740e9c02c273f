import type { Party } from "./channel";

/**
 * One operation's own messages on the channel. Both parties make the same calls in the same order; messages of
 * other operations never appear here.
 */
export interface OperationLink {
  readonly party: Party;
  /**
   * Queues a message; the bytes belong to the link from now on.
   *
   * @param what - for people, the same words in every run: what the message carries
   */
  send(payload: Uint8Array, what?: string): void;
  /**
   * The peer's next message of this operation.
   *
   * @throws {TransportError} it has another size than `length`, or the channel is gone
   * @throws {DesyncError} the peer runs another operation under this number
   */
  receive(length: number, what?: string): Promise<Uint8Array>;
  /** Sends, and receives a message of the same size: one round. */
  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array>;
}
