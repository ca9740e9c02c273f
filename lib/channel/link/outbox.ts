import type { Frame } from "../channel";
import { type Chunk, chunkAt } from "./chunks";
import { malformed } from "./frame";
import { Queue } from "./queue";

/** A chunk on its way, under its number. */
export interface Numbered extends Chunk {
  readonly frame: Frame;
  readonly sequence: number;
}

/** As many packets may be on their way in a stream. */
const WINDOW_PACKETS = 4096;
/** What a packet weighs beside its body, for the sums. */
const PACKET_WEIGHT = 128;
/** With less than this on its way, what comes next is counted as a transfer of its own. */
const REST_BYTES = 2 ** 16;

/**
 * One stream's outgoing side: cuts frames into numbered chunks, keeps each until the peer has acknowledged it, and
 * can go back and send again. It keeps views of the caller's bytes, never copies.
 */
export class Outbox {
  readonly #windowBytes: number;
  /** Frames of which something is not cut yet; of the first, `#offset` bytes are. */
  readonly #frames = new Queue<Frame>();
  #offset = 0;
  /** Cut and not acknowledged: numbers from `#acked` on. */
  readonly #window = new Queue<Numbered>();
  #acked = 0;
  #next = 0;
  #onTheWay = 0;
  #bytes = 0;
  /** All that was kept since next to nothing was. */
  #since = 0;

  /** @param windowBytes - how much may be on its way at once */
  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** What is kept: queued and not acknowledged, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many bytes have arrived, and of how many, since next to nothing was on its way. */
  get progress(): { readonly done: number; readonly total: number } {
    return this.#bytes === 0
      ? { done: 0, total: 0 }
      : { done: this.#since - this.#bytes, total: this.#since };
  }

  /** How many packets the peer has acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  /** The number of the next packet to go out; all before it have gone. */
  get position(): number {
    return this.#next;
  }

  /** Whether something has gone out that is not acknowledged. */
  get owed(): boolean {
    return this.#window.length > 0;
  }

  push(frame: Frame): void {
    if (this.#bytes < REST_BYTES) this.#since = this.#bytes;
    this.#frames.push(frame);
    this.#bytes += frame.payload.length + PACKET_WEIGHT;
    this.#since += frame.payload.length + PACKET_WEIGHT;
  }

  /** Whether `take` has something, as far as the window allows. */
  get ready(): boolean {
    if (this.#next < this.#acked + this.#window.length) return true;
    return (
      this.#frames.length > 0 && this.#onTheWay < this.#windowBytes && this.#window.length < WINDOW_PACKETS
    );
  }

  /** The next chunk to send; `ready` says that there is one. */
  take(): Numbered {
    const index = this.#next - this.#acked;
    const chunk = index < this.#window.length ? this.#window.at(index)! : this.#cut();
    this.#next++;
    return chunk;
  }

  /**
   * The peer has the first `count` packets; they are forgotten.
   *
   * @throws {TransportError} `malformed`: so many were never sent
   */
  acknowledge(count: number): void {
    if (count > this.#acked + this.#window.length)
      throw malformed("an acknowledgement of what was never sent");
    for (; this.#acked < count; this.#acked++) {
      const { body, frame, offset } = this.#window.shift()!;
      this.#onTheWay -= body.length + PACKET_WEIGHT;
      this.#bytes -= body.length;
      if (offset + body.length === frame.payload.length) this.#bytes -= PACKET_WEIGHT;
    }
    if (this.#next < this.#acked) this.#next = this.#acked;
  }

  /** Sends again all that is not acknowledged. */
  rewind(): void {
    this.#next = this.#acked;
  }

  #cut(): Numbered {
    const frame = this.#frames.at(0)!;
    const { offset, body } = chunkAt(frame.payload, this.#offset);
    const chunk = { frame, offset, body, sequence: this.#acked + this.#window.length };
    this.#offset += body.length;
    if (this.#offset === frame.payload.length) {
      this.#frames.shift();
      this.#offset = 0;
    }
    this.#window.push(chunk);
    this.#onTheWay += body.length + PACKET_WEIGHT;
    return chunk;
  }
}
