import type { Channel, ChannelListener, Party } from "../channel";

/** A channel to nobody, for a session that needs no other party. What is sent is dropped; nothing arrives. */
export class AbsentPeer implements Channel {
  readonly address = "nowhere (in the clear)";
  readonly connected = Promise.resolve();
  readonly session = new Uint8Array(16);
  readonly traffic = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 };
  readonly strangers = 0;
  #listener: ChannelListener | undefined;

  constructor(readonly party: Party) {}

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  send(): void {}

  async drained(): Promise<void> {}

  async close(): Promise<void> {
    this.#listener?.closed(undefined);
    this.#listener = undefined;
  }
}
