import type { Frame } from "../channel";
import { type Chunk, chunkAt } from "./chunks";
import { malformed } from "./frame";
import { Queue } from "./queue";

/** A chunk in flight, with its sequence number. */
export interface Numbered extends Chunk {
  readonly frame: Frame;
  readonly sequence: number;
}

/** How many packets of a stream may be in flight. */
const WINDOW_PACKETS = 4096;
/** How much a packet counts in addition to its body. */
const PACKET_WEIGHT = 128;
/** With less than this in flight, count the next frame as a new transfer. */
const REST_BYTES = 2 ** 16;

/**
 * The sending side of one stream. It cuts frames into numbered chunks, keeps each until the peer has acknowledged it,
 * and can go back and send again. It keeps views of the caller's bytes, never copies.
 */
export class Outbox {
  readonly #windowBytes: number;
  /** Frames that are not fully cut yet; `#offset` bytes of the first one are. */
  readonly #frames = new Queue<Frame>();
  #offset = 0;
  /** Chunks that are cut but not acknowledged, numbered from `#acked` on. */
  readonly #window = new Queue<Numbered>();
  #acked = 0;
  #next = 0;
  #onTheWay = 0;
  #bytes = 0;
  /** How many bytes were added since next to nothing was kept. */
  #since = 0;

  /** @param windowBytes - how much may be in flight at once */
  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** How many bytes are kept: queued or unacknowledged. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many bytes have arrived, and out of how many, since next to nothing was in flight. */
  get progress(): { readonly done: number; readonly total: number } {
    return this.#bytes === 0
      ? { done: 0, total: 0 }
      : { done: this.#since - this.#bytes, total: this.#since };
  }

  /** How many packets the peer has acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  /** The number of the next packet to send; all before it have been sent. */
  get position(): number {
    return this.#next;
  }

  /** Whether anything that was sent is unacknowledged. */
  get owed(): boolean {
    return this.#window.length > 0;
  }

  push(frame: Frame): void {
    if (this.#bytes < REST_BYTES) this.#since = this.#bytes;
    this.#frames.push(frame);
    this.#bytes += frame.payload.length + PACKET_WEIGHT;
    this.#since += frame.payload.length + PACKET_WEIGHT;
  }

  /** Whether `take` can return a chunk within the window. */
  get ready(): boolean {
    if (this.#next < this.#acked + this.#window.length) return true;
    return (
      this.#frames.length > 0 && this.#onTheWay < this.#windowBytes && this.#window.length < WINDOW_PACKETS
    );
  }

  /** Return the next chunk to send. Call it only while `ready`. */
  take(): Numbered {
    const index = this.#next - this.#acked;
    const chunk = index < this.#window.length ? this.#window.at(index)! : this.#cut();
    this.#next++;
    return chunk;
  }

  /**
   * The peer has the first `count` packets: forget them.
   *
   * @throws {TransportError} `malformed`: fewer were sent
   */
  acknowledge(count: number): void {
    if (count > this.#acked + this.#window.length)
      throw malformed("an acknowledgement of packets that were never sent");
    for (; this.#acked < count; this.#acked++) {
      const { body, frame, offset } = this.#window.shift()!;
      this.#onTheWay -= body.length + PACKET_WEIGHT;
      this.#bytes -= body.length;
      if (offset + body.length === frame.payload.length) this.#bytes -= PACKET_WEIGHT;
    }
    if (this.#next < this.#acked) this.#next = this.#acked;
  }

  /** Send everything that is unacknowledged again. */
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
