import type { Channel, Frame } from "../../channel/channel";

/** The operation number of frames that carry several small frames. */
export const BUNDLE = 2 ** 48 - 2;

/** Frames up to this size are bundled with the others sent in the same turn of the event loop. */
const SMALL_BYTES = 4096;
const MAX_BUNDLE_BYTES = 2 ** 18;

/** Bytes before each frame in a bundle: operation (8), step (4), length (4), digest (16). */
const ENTRY_BYTES = 32;

/**
 * Bundles the small frames of one turn of the event loop into one message. So independent operations that open at the same
 * time share a message as they share a round, and none waits for a later turn.
 */
export class Bundler {
  readonly #channel: Channel;
  #waiting: Frame[] = [];
  #bytes = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  send(frame: Frame): void {
    const small = frame.stream === "online" && frame.payload.length <= SMALL_BYTES;
    if (!small) {
      // Keep the order of this stream: flush earlier frames first.
      if (frame.stream === "online") this.#flush();
      this.#channel.send(frame);
      return;
    }
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
    this.#waiting.push(frame);
    this.#bytes += frame.payload.length + ENTRY_BYTES;
    if (this.#bytes >= MAX_BUNDLE_BYTES) this.#flush();
  }

  #flush(): void {
    const frames = this.#waiting;
    if (frames.length === 0) return;
    this.#waiting = [];
    this.#bytes = 0;
    this.#channel.send(frames.length === 1 ? frames[0]! : bundle(frames));
  }
}

function bundle(frames: readonly Frame[]): Frame {
  const size = frames.reduce((sum, { payload }) => sum + ENTRY_BYTES + padded(payload.length), 0);
  const payload = new Uint8Array(size);
  const view = new DataView(payload.buffer);
  let at = 0;
  for (const frame of frames) {
    view.setBigUint64(at, BigInt(frame.operation), true);
    view.setUint32(at + 8, frame.step, true);
    view.setUint32(at + 12, frame.payload.length, true);
    payload.set(frame.digest, at + 16);
    payload.set(frame.payload, at + ENTRY_BYTES);
    at += ENTRY_BYTES + padded(frame.payload.length);
  }
  return { stream: "online", operation: BUNDLE, step: 0, digest: new Uint8Array(16), payload };
}

/** Return the frames of a bundle, in order; undefined if it is malformed. */
export function unbundle({ stream, payload }: Frame): Frame[] | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const frames: Frame[] = [];
  for (let at = 0; at < payload.length; ) {
    if (payload.length - at < ENTRY_BYTES) return undefined;
    const operation = Number(view.getBigUint64(at, true));
    const step = view.getUint32(at + 8, true);
    const length = view.getUint32(at + 12, true);
    const start = at + ENTRY_BYTES;
    at = start + padded(length);
    if (at > payload.length || length > SMALL_BYTES || step >= 2 ** 16) return undefined;
    if (operation >= 2 ** 48 || operation === BUNDLE) return undefined;
    const digest = payload.slice(start - 16, start);
    frames.push({ stream, operation, step, digest, payload: payload.slice(start, start + length) });
  }
  return frames;
}

/** Payloads begin at multiples of 8 bytes, as the channel delivers them. */
function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
