/** Growth of memory, since all messages had been read, that is suspicious; and growth that is too much in any case. */
const LIMIT_BYTES = 256 * 2 ** 20;
const FLOOD_BYTES = 512 * 2 ** 20;
/** After how many looks without a message, once the peer has been asked, to drop the connection; fewer in a flood. */
const PATIENCE = 4;
const LEAST_PATIENCE = 2;

/** The result of one look at a connection. */
export interface Sight {
  /** Memory in use. */
  readonly bytes: number;
  /** A message has been read since the last look. */
  readonly arrived: boolean;
  /** A message is waiting to be read. */
  readonly waiting: boolean;
}

/**
 * Notices when incoming data piles up. ZeroMQ collects the parts of a message, without limit, before it delivers any of
 * them, and it has no option to limit their number. So the only signs of an endless message are that memory grows and
 * nothing arrives. Other work takes memory too, so ask the peer first: an honest one answers, and the answer shows that
 * no message is unfinished. Count looks instead of time, because a thread that was busy has read nothing.
 */
export class MemoryGuard {
  /** The memory in use when everything had last been read. */
  #base: number;
  /** How many looks without a message since the peer was asked; undefined if it has not been. */
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
      // The waiting bytes may be everything that arrived while this thread was busy.
      return flood && arrived ? "drop" : "fine";
    }
    return ++this.#quiet < (flood ? LEAST_PATIENCE : PATIENCE) ? "fine" : "drop";
  }
}
