/** The main thread's end of the control thread. */

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { STOP } from "./stopper";

/** What the thread is told at its start: two addresses to bind, and the key of messages. */
export interface ThreadData {
  readonly control: string;
  readonly heartbeat: string;
  readonly key: string;
}

/** A message from the thread. */
export type FromThread =
  | { readonly open: true }
  | { readonly failed: string }
  | { readonly number: number; readonly frames: readonly Uint8Array[] }
  | { readonly flushed: number }
  | { readonly stopped: true };

/** A message to the thread: the latest number heard, a reply to send, or a question whether all is sent; or the end. */
export type FromMain =
  | { readonly heard: number }
  | { readonly frames: readonly (Uint8Array | string)[] }
  | { readonly flush: number }
  | { readonly close: true };

/** Not an error: Node's handler of uncaught errors is called with it. */
export class Stopped extends Error {}

/**
 * Let the control thread end what this thread executes. Node would abort, because the code that ends leaves its place
 * on Node's stack of asynchronous contexts. Node's handler of uncaught errors empties that stack.
 */
function prepareStop(): void {
  const { _fatalException: handle } = process as unknown as { _fatalException(error: Error): void };
  Object.defineProperty(globalThis, Symbol.for(STOP), { value: () => handle(new Stopped()) });
}

/** Memory of the thread, in MiB. */
const HEAP = 32;

/** The control socket, in its own thread. */
export class Control {
  private readonly flushes = new Map<number, () => void>();
  private asked = 0;
  private thread: Worker | undefined;

  /** @param stopped - called after the thread has ended what the main thread executed */
  constructor(private readonly stopped: () => void) {}

  /** Start the thread, and resolve when its sockets are bound. */
  open(data: ThreadData, receive: (frames: readonly Buffer[]) => void): Promise<void> {
    prepareStop();
    const thread = new Worker(join(__dirname, "control-thread.js"), {
      workerData: data,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP, maxYoungGenerationSizeMb: 2 },
    });
    this.thread = thread;
    return new Promise((resolve, reject) => {
      thread.on("error", reject);
      thread.on("message", (message: FromThread) => {
        if ("open" in message) resolve();
        else if ("failed" in message) reject(new Error(message.failed));
        else if ("stopped" in message) this.stopped();
        else if ("flushed" in message) {
          this.flushes.get(message.flushed)?.();
          this.flushes.delete(message.flushed);
        } else {
          this.post({ heard: message.number });
          receive(message.frames.map((frame) => Buffer.from(frame.buffer, frame.byteOffset, frame.length)));
        }
      });
    });
  }

  /** Queue a message. */
  send(frames: readonly (Buffer | string)[]): void {
    this.post({ frames });
  }

  /** Resolve when everything queued has been handed to ZeroMQ. */
  flushed(): Promise<void> {
    if (this.thread === undefined) return Promise.resolve();
    this.asked++;
    this.post({ flush: this.asked });
    return new Promise((resolve) => this.flushes.set(this.asked, resolve));
  }

  /** Send everything queued, then end the thread. */
  async close(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    await this.flushed();
    const ended = new Promise((resolve) => thread.once("exit", resolve));
    this.post({ close: true });
    await ended;
  }

  private post(message: FromMain): void {
    this.thread?.postMessage(message);
  }
}
