/** So much more memory than when all messages had been read is suspicious; so much more is too much whatever arrives. */
const LIMIT_BYTES = 256 * 2 ** 20;
const FLOOD_BYTES = 512 * 2 ** 20;
/** Looks in which nothing arrives after the peer was asked, before the connection is dropped; fewer in a flood. */
const PATIENCE = 4;
const LEAST_PATIENCE = 2;

/** What is seen of a connection at one look. */
export interface Sight {
  /** Memory in use. */
  readonly bytes: number;
  /** A message was read since the last look. */
  readonly arrived: boolean;
  /** A message waits to be read. */
  readonly waiting: boolean;
}

/**
 * Notices that what a connection brings piles up. ZeroMQ collects the parts of a message, without limit, before it shows
 * any of them, and no option of it limits their number; so all that can be seen of a message without end is that
 * memory grows and nothing arrives. Other work takes memory too: hence ask the peer first. An honest one answers, and
 * the answer shows that no message is unfinished. Looks count and not time, for a thread that was busy has read nothing.
 */
export class MemoryGuard {
  /** The memory in use when everything had been read. */
  #base: number;
  /** Looks without a message since the peer was asked; undefined while it has not been. */
  #quiet: number | undefined;

  constructor(bytes: number) {
    this.#base = bytes;
  }

  look({ bytes, arrived, waiting }: Sight): "fine" | "ask" | "drop" {
    if ((arrived && !waiting) || bytes < this.#base) this.#base = bytes;
    const growth = bytes - this.#base;
    if (growth <= LIMIT_BYTES) {
      this.#quiet = undefined;
      return "fine";
    }
    if (this.#quiet === undefined) {
      this.#quiet = 0;
      return "ask";
    }
    const flood = growth > FLOOD_BYTES;
    if (arrived || waiting) {
      this.#quiet = 0;
      // What waits may be all that arrived while this thread was busy.
      return flood && arrived ? "drop" : "fine";
    }
    return ++this.#quiet < (flood ? LEAST_PATIENCE : PATIENCE) ? "fine" : "drop";
  }
}
