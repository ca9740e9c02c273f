import type { Settings } from "../channel";

export interface LinkOptions {
  /** What the session layer wants both parties to agree on. */
  readonly settings?: Settings;
  /** How long the peer may take to come; a minute by default. */
  readonly timeoutMs?: number;
  /**
   * How long the connection may be broken, or the peer may answer nothing, before the session ends. Default: ten
   * minutes.
   */
  readonly resumeMs?: number;
  /** A connection over which a question stays unanswered for so long is made again. Default: three seconds. */
  readonly silenceMs?: number;
}

export interface Timing {
  readonly timeoutMs: number;
  readonly resumeMs: number;
  readonly silenceMs: number;
}

/** @throws {TypeError | RangeError} an option is of the wrong type or out of range */
export function checkTiming({
  timeoutMs = 60_000,
  resumeMs = 600_000,
  silenceMs = 3000,
}: LinkOptions): Timing {
  const timing = { timeoutMs, resumeMs, silenceMs };
  for (const [name, value] of Object.entries(timing)) {
    if (typeof value !== "number") throw new TypeError(`${name}: not a number`);
    if (!(value >= 1 && value < 2 ** 31)) throw new RangeError(`${name}: ${value} is not from 1 to 2^31 − 1`);
  }
  return timing;
}
