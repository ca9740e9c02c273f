import type { Timing } from "./link-options";

/** After each connection that stayed silent the next one may be silent for twice as long, up to so many times. */
const MAX_PATIENCE = 8;
/** A connection that stays away is begun anew after so many times `silenceMs`, in case the port waits in vain. */
const AWAY = 10;

/**
 * Watches one connection and the peer behind it. It keeps the time and nothing else: its owner says what was asked,
 * heard and acknowledged, and reads off when to ask, when to drop the connection and when to give up.
 *
 * An unanswered question means doubt. A connection that is silent in doubt is dropped and made again, which is
 * harmless if the peer was merely busy. A peer that has owed an answer, an acknowledgement or a connection for
 * `resumeMs` is given up, whatever else arrives from it.
 */
export class Watch {
  readonly #timing: Timing;
  /** The first question that waits for its answer. */
  #doubtSince: number | undefined;
  /** When the last question was asked, and how long after it the next is due. */
  #askedAt = 0;
  #askAgainMs: number;
  /** When something arrived that only the peer sends. */
  #heardAt = 0;
  /** Since when nothing new of what was sent has been acknowledged. */
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

  /** How often the owner should look. */
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

  /** A connection was made, or one broke that may have been the peer's: what was asked before may be gone. */
  doubt(): void {
    this.#askAgainMs = this.periodMs / 2;
    this.asked();
  }

  /** Something of the peer's arrived. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** @param owed - whether something that was sent is not acknowledged; called when that may have changed */
  progress(owed: boolean): void {
    this.#owedSince = owed ? performance.now() : undefined;
  }

  /** Something was sent that is to be acknowledged. */
  owes(): void {
    this.#owedSince ??= performance.now();
  }

  /** There is no connection, so there is no answer to wait for. */
  calm(): void {
    this.#doubtSince = undefined;
    this.#stranger = false;
  }

  /** The peer's connection broke. Returns false if that was known. */
  lose(): boolean {
    if (this.lost) return false;
    this.#lostSince = this.#doubtSince ?? performance.now();
    this.#droppedAt = performance.now();
    return true;
  }

  /** The peer answered. Returns whether the connection was lost before. */
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

  /** Something came over a connection in doubt that the peer does not send. */
  suspect(): void {
    this.#stranger = this.#doubtSince !== undefined;
  }

  /** The connection was dropped: the next one has its own time to be heard on. */
  dropped(): void {
    this.#stranger = false;
    this.#droppedAt = performance.now();
    this.#heardAt = this.#droppedAt;
    this.#patience = Math.min(2 * this.#patience, MAX_PATIENCE * this.#timing.silenceMs);
  }

  /** How long nothing has been heard since a question was asked; 0 where there is none. */
  get silentMs(): number {
    if (this.#doubtSince === undefined) return 0;
    return performance.now() - Math.max(this.#doubtSince, this.#heardAt);
  }

  /** Whether a question is due: nothing was heard or acknowledged lately, or the last question may be lost. */
  get due(): boolean {
    const now = performance.now();
    if (this.#doubtSince !== undefined) return now - this.#askedAt >= this.#askAgainMs;
    const quietSince = Math.min(this.#heardAt, this.#owedSince ?? Number.POSITIVE_INFINITY);
    return now - Math.max(quietSince, this.#askedAt) >= this.periodMs;
  }

  /** Whether the connection should be dropped: it is silent for too long, or a stranger holds it. */
  get hopeless(): boolean {
    return this.#stranger || this.silentMs > this.#patience;
  }

  /** Whether the connection has stayed away for so long that the port should begin anew. */
  get away(): boolean {
    return this.lost && performance.now() - this.#droppedAt > AWAY * this.#timing.silenceMs;
  }

  /** Whether the peer is given up. */
  get over(): boolean {
    const { resumeMs, silenceMs } = this.#timing;
    const now = performance.now();
    const longer = (since: number | undefined, ms: number) => since !== undefined && now - since > ms;
    return (
      longer(this.#lostSince, resumeMs) ||
      // What is not acknowledged yet may simply not have been asked for.
      longer(this.#owedSince, resumeMs + silenceMs) ||
      longer(this.#doubtSince, Math.max(resumeMs, silenceMs))
    );
  }
}
