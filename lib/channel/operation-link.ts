import type { Party } from "./channel";

/** What a message is for, where the protocol says so. */
export type MessageKind = "opening" | "mac" | "commitment";

/**
 * One operation's own messages on the channel. Both parties make the same calls in the same order; messages of
 * other operations never appear here.
 */
export interface OperationLink {
  readonly party: Party;
  /** Queues a message; the bytes belong to the link from now on. */
  send(payload: Uint8Array, kind?: MessageKind): void;
  /**
   * The peer's next message of this operation.
   *
   * @throws {TransportError} it has another size than `length`, or the channel is gone
   * @throws {DesyncError} the peer runs another operation under this number
   */
  receive(length: number): Promise<Uint8Array>;
  /** Sends, and receives a message of the same size: one round. */
  exchange(payload: Uint8Array, kind?: MessageKind): Promise<Uint8Array>;
}
