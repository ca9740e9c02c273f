/** One send at a time on a socket: zeromq refuses a second send while the first is under way. */

import type { Publisher, Router } from "zeromq";

type Frames = (Buffer | string)[];

/** Sends messages in the order they were given, however fast they come. */
export class Sender {
  private readonly waiting: Frames[] = [];
  private sending: Promise<void> | undefined;

  constructor(private readonly socket: Publisher | Router) {}

  /** Queues a message; never throws and never waits. */
  send(frames: Frames): void {
    this.waiting.push(frames);
    this.sending ??= this.drain();
  }

  /** Resolves when everything queued has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    await this.sending;
  }

  private async drain(): Promise<void> {
    // The whole queue is taken at once, so that a long one is not shifted item by item.
    while (this.waiting.length > 0) {
      for (const frames of this.waiting.splice(0)) {
        try {
          await this.socket.send(frames);
        } catch {
          // The client is gone or the socket is closed: skip this message and continue.
        }
      }
    }
    this.sending = undefined;
  }
}
