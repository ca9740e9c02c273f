/** Send one message at a time on a socket: zeromq refuses a second send while the first is in progress. */

import type { Publisher, Router } from "zeromq";

/** How long a closing socket may continue to deliver messages, in milliseconds. */
export const LINGER = 1000;

type Frames = (Buffer | string)[];

/** Sends messages in the order in which they were queued. */
export class Sender {
  private readonly waiting: Frames[] = [];
  private sending: Promise<void> | undefined;

  constructor(private readonly socket: Publisher | Router) {}

  /** Queue a message. Never throws and never waits. */
  send(frames: Frames): void {
    this.waiting.push(frames);
    this.sending ??= this.drain();
  }

  /** Resolve when everything queued has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    await this.sending;
  }

  private async drain(): Promise<void> {
    // Take the whole queue at once: shifting a long one item by item is slow.
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
