import type { Timing } from "./link-options";

/**
 * Watches one connection. It is in doubt when something happened that the peer has to answer before it counts as
 * whole; doubt that lasts too long means that the connection is lost, or was never the peer's.
 */
export class Watch {
  readonly #timing: Timing;
  #doubtSince: number | undefined;
  #lostSince: number | undefined;
  #stranger = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  get lost(): boolean {
    return this.#lostSince !== undefined;
  }

  /** Nothing is in doubt or lost. */
  get atEase(): boolean {
    return this.#doubtSince === undefined && !this.lost;
  }

  /** A connection was made, or one broke that may have been the peer's. */
  doubt(): void {
    this.#doubtSince ??= performance.now();
  }

  /** Something that was sent has been acknowledged: only what is queued before the answer delays it. */
  progress(): void {
    if (this.#doubtSince !== undefined) this.#doubtSince = performance.now();
  }

  /** There is no connection, so there is no answer to wait for. */
  calm(): void {
    this.#doubtSince = undefined;
    this.#stranger = false;
  }

  /** The peer's connection broke. Returns false if that was known. */
  lose(): boolean {
    if (this.lost) return false;
    this.#lostSince = performance.now();
    return true;
  }

  /** The peer answered. Returns whether the connection was lost before. */
  trust(): boolean {
    const { lost } = this;
    this.calm();
    this.#lostSince = undefined;
    return lost;
  }

  /** Something came over a connection in doubt that the peer does not send. */
  suspect(): void {
    this.#stranger = this.#doubtSince !== undefined;
  }

  /** Whether the connection should be dropped: the doubt lasted too long, or a stranger holds it. */
  get hopeless(): boolean {
    const since = this.#doubtSince;
    return this.#stranger || (since !== undefined && performance.now() - since > this.#timing.silenceMs);
  }

  /** Whether the connection was lost for so long that it is given up. */
  get over(): boolean {
    const since = this.#lostSince;
    return since !== undefined && performance.now() - since > this.#timing.resumeMs;
  }
}
