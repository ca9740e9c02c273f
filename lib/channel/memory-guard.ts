/** So much more memory than when all messages had been read is suspicious, and so much more for so long is too much. */
const LIMIT_BYTES = 256 * 2 ** 20;
const PATIENCE_MS = 400;

/**
 * Notices that what a connection brings piles up. ZeroMQ collects the parts of a message, without limit, before it shows
 * any of them, and no option of it limits their number; so all that can be seen of a message without end is that
 * memory grows and nothing arrives. Other work takes memory too: hence ask the peer first. An honest one answers, and
 * the answer shows that no message is unfinished.
 */
export class MemoryGuard {
  /** The memory in use when everything had been read. */
  #base: number;
  #askedAt: number | undefined;

  constructor(bytes: number) {
    this.#base = bytes;
  }

  /**
   * @param bytes - memory in use
   * @param caughtUp - whether a message arrived since the last look, and none is waiting
   */
  look(bytes: number, caughtUp: boolean, now: number): "fine" | "ask" | "drop" {
    if (caughtUp || bytes < this.#base) this.#base = bytes;
    if (bytes - this.#base <= LIMIT_BYTES) {
      this.#askedAt = undefined;
      return "fine";
    }
    if (this.#askedAt === undefined) {
      this.#askedAt = now;
      return "ask";
    }
    return now - this.#askedAt < PATIENCE_MS ? "fine" : "drop";
  }
}
