import type { Frame } from "../channel";
import { MAX_BODY_BYTES, malformed, type Packet, STREAMS } from "./frame";

/** A part of a payload and its offset. A view, not a copy. */
export interface Chunk {
  readonly offset: number;
  readonly body: Uint8Array;
}

/** Return the chunk of a payload that begins at `offset`. An empty payload is one empty chunk. */
export function chunkAt(payload: Uint8Array, offset: number): Chunk {
  const whole = offset === 0 && payload.length <= MAX_BODY_BYTES;
  return { offset, body: whole ? payload : payload.subarray(offset, offset + MAX_BODY_BYTES) };
}

/** Reassembles the frames of one stream from chunks in order. */
export class Assembler {
  #frame: Frame | undefined;
  #filled = 0;

  /** How many bytes of the unfinished frame have arrived, and out of how many. */
  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#filled, total: this.#frame?.payload.length ?? 0 };
  }

  /**
   * @returns the frame, if this chunk completes it
   * @throws {TransportError} `malformed`: the chunk does not continue where the last one ended
   */
  add({ stream, operation, step, digest, total, offset, body }: Packet): Frame | undefined {
    const name = STREAMS[stream]!;
    const begun = this.#frame;
    if (!begun) {
      if (offset !== 0) throw malformed("a payload whose first chunk is missing");
      if (body.length === total) return { stream: name, operation, step, digest, payload: aligned(body) };
      // The system commits such a large array page by page, so a peer that only claims a size costs nothing. The
      // array need not be zeroed, because nobody sees it before it is full.
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
      throw malformed("a chunk that does not continue its payload");
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

/** Align a payload to a multiple of 8 bytes, so that a typed array of any kind can view it. */
function aligned(body: Uint8Array): Uint8Array {
  return body.byteOffset % 8 === 0 ? body : new Uint8Array(body);
}
