import type { Frame } from "../channel";
import { MAX_BODY_BYTES, malformed, type Packet, STREAMS } from "./frame";

/** A part of a payload and where it belongs; a view, not a copy. */
export interface Chunk {
  readonly offset: number;
  readonly body: Uint8Array;
}

/** The chunk of a payload that begins at `offset`; an empty payload is one empty chunk. */
export function chunkAt(payload: Uint8Array, offset: number): Chunk {
  const whole = offset === 0 && payload.length <= MAX_BODY_BYTES;
  return { offset, body: whole ? payload : payload.subarray(offset, offset + MAX_BODY_BYTES) };
}

/** Puts the frames of one stream together again, from chunks in their order. */
export class Assembler {
  #frame: Frame | undefined;
  #filled = 0;

  /** How many bytes of a frame in parts are there, and of how many. */
  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#filled, total: this.#frame?.payload.length ?? 0 };
  }

  /**
   * @returns the frame that this chunk completes, if it does
   * @throws {TransportError} `malformed`: it does not go on where the last one ended
   */
  add({ stream, operation, step, digest, total, offset, body }: Packet): Frame | undefined {
    const name = STREAMS[stream]!;
    const begun = this.#frame;
    if (!begun) {
      if (offset !== 0) throw malformed("a payload that begins in its middle");
      if (body.length === total) return { stream: name, operation, step, digest, payload: aligned(body) };
      // The system lends such a large array page by page, so a peer that only claims a size costs nothing; and it
      // need not be zero, since nobody sees it before it is full.
      const payload = new Uint8Array(Buffer.allocUnsafeSlow(total).buffer);
      this.#frame = { stream: name, operation, step, digest: Uint8Array.from(digest), payload };
      this.#filled = 0;
      return this.#fill(body);
    }
    if (
      operation !== begun.operation ||
      step !== begun.step ||
      total !== begun.payload.length ||
      offset !== this.#filled ||
      Buffer.compare(digest, begun.digest) !== 0
    ) {
      throw malformed("a chunk that does not go on with its payload");
    }
    return this.#fill(body);
  }

  #fill(body: Uint8Array): Frame | undefined {
    const frame = this.#frame!;
    frame.payload.set(body, this.#filled);
    this.#filled += body.length;
    if (this.#filled < frame.payload.length) return undefined;
    this.#frame = undefined;
    return frame;
  }
}

/** A payload begins at a multiple of 8, so that a typed array of any kind may lie over it. */
function aligned(body: Uint8Array): Uint8Array {
  return body.byteOffset % 8 === 0 ? body : new Uint8Array(body);
}
