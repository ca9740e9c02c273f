import type { Timing } from "./link-options";

/** After a silent connection the next one may be silent for twice as long, up to this many times `silenceMs`. */
const MAX_PATIENCE = 8;
/** With no connection for this many times `silenceMs`, reset the port, in case it is waiting in vain. */
const AWAY = 10;

/**
 * The clock for one connection and the peer behind it. The owner reports what was asked, heard and acknowledged; the
 * watch says when to ask, when to drop the connection and when to give up.
 *
 * While a question is unanswered, the connection is in doubt. A connection that stays silent in doubt is dropped and
 * made again, which is harmless if the peer was merely busy. If the peer has owed an answer, an acknowledgement or a
 * connection for `resumeMs`, give up on it, whatever else arrives from it.
 */
export class Watch {
  readonly #timing: Timing;
  /** When the first unanswered question was asked. */
  #doubtSince: number | undefined;
  /** When the last question was asked, and how long after it the next is due. */
  #askedAt = 0;
  #askAgainMs: number;
  /** When something last arrived that only the peer can have sent. */
  #heardAt = 0;
  /** Since when something has been unacknowledged without any progress. */
  #owedSince: number | undefined;
  #lostSince: number | undefined;
  #droppedAt = 0;
  #patience: number;
  #stranger = false;

  constructor(timing: Timing) {
    this.#timing = timing;
    this.#patience = timing.silenceMs;
    this.#askAgainMs = this.periodMs;
  }

  /** How often the owner should check. */
  get periodMs(): number {
    return Math.min(1000, this.#timing.silenceMs / 3);
  }

  get lost(): boolean {
    return this.#lostSince !== undefined;
  }

  /** A question was asked. */
  asked(): void {
    const now = performance.now();
    if (this.#doubtSince === undefined) this.#askAgainMs = this.periodMs;
    else this.#askAgainMs *= 2;
    this.#doubtSince ??= now;
    this.#askedAt = now;
  }

  /** A connection was made, or one broke that may have been the peer's; earlier questions may be lost. */
  doubt(): void {
    this.#askAgainMs = this.periodMs / 2;
    this.asked();
  }

  /** Something from the peer arrived. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** @param owed - whether anything that was sent is unacknowledged; call this when that may have changed */
  progress(owed: boolean): void {
    this.#owedSince = owed ? performance.now() : undefined;
  }

  /** Something was sent that the peer must acknowledge. */
  owes(): void {
    this.#owedSince ??= performance.now();
  }

  /** There is no connection, so no answer can arrive. */
  calm(): void {
    this.#doubtSince = undefined;
    this.#stranger = false;
  }

  /** The peer's connection broke. Return false if that was already known. */
  lose(): boolean {
    if (this.lost) return false;
    this.#lostSince = this.#doubtSince ?? performance.now();
    this.#droppedAt = performance.now();
    return true;
  }

  /** The peer answered. Return whether the connection had been lost. */
  trust(): boolean {
    const { lost } = this;
    if (this.#doubtSince !== undefined) {
      const waited = performance.now() - this.#doubtSince;
      this.#patience = Math.max(this.#timing.silenceMs, Math.min(this.#patience, 2 * waited));
    }
    this.calm();
    this.#lostSince = undefined;
    return lost;
  }

  /** Something arrived on a connection in doubt that the peer would not send. */
  suspect(): void {
    this.#stranger = this.#doubtSince !== undefined;
  }

  /** The connection was dropped; the next one gets a full period of its own. */
  dropped(): void {
    this.#stranger = false;
    this.#droppedAt = performance.now();
    this.#heardAt = this.#droppedAt;
    this.#patience = Math.min(2 * this.#patience, MAX_PATIENCE * this.#timing.silenceMs);
  }

  /** How long nothing has been heard since a question was asked; 0 if none is unanswered. */
  get silentMs(): number {
    if (this.#doubtSince === undefined) return 0;
    return performance.now() - Math.max(this.#doubtSince, this.#heardAt);
  }

  /** Whether a question is due: nothing was heard or acknowledged recently, or the last question may be lost. */
  get due(): boolean {
    const now = performance.now();
    if (this.#doubtSince !== undefined) return now - this.#askedAt >= this.#askAgainMs;
    const quietSince = Math.min(this.#heardAt, this.#owedSince ?? Number.POSITIVE_INFINITY);
    return now - Math.max(quietSince, this.#askedAt) >= this.periodMs;
  }

  /** Whether to drop the connection: it has been silent for too long, or a stranger holds it. */
  get hopeless(): boolean {
    return this.#stranger || this.silentMs > this.#patience;
  }

  /** Whether there has been no connection for so long that the port should be reset. */
  get away(): boolean {
    return this.lost && performance.now() - this.#droppedAt > AWAY * this.#timing.silenceMs;
  }

  /** Whether to give up on the peer. */
  get over(): boolean {
    const { resumeMs, silenceMs } = this.#timing;
    const now = performance.now();
    const longer = (since: number | undefined, ms: number) => since !== undefined && now - since > ms;
    return (
      longer(this.#lostSince, resumeMs) ||
      // An acknowledgement may be missing only because nobody has asked yet.
      longer(this.#owedSince, resumeMs + silenceMs) ||
      longer(this.#doubtSince, Math.max(resumeMs, silenceMs))
    );
  }
}
