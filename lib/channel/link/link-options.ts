import type { Settings } from "../channel";

export interface LinkOptions {
  /** Settings on which both parties must agree. */
  readonly settings?: Settings;
  /** How long the peer may take to connect. Default: one minute. */
  readonly timeoutMs?: number;
  /**
   * How long the connection may be down, or the peer may leave questions unanswered, before the session ends. Default:
   * ten minutes.
   */
  readonly resumeMs?: number;
  /** How long a question may stay unanswered before the connection is made again. Default: three seconds. */
  readonly silenceMs?: number;
}

export interface Timing {
  readonly timeoutMs: number;
  readonly resumeMs: number;
  readonly silenceMs: number;
}

/** @throws {TypeError | RangeError} an option has the wrong type or is out of range */
export function checkTiming({
  timeoutMs = 60_000,
  resumeMs = 600_000,
  silenceMs = 3000,
}: LinkOptions): Timing {
  const timing = { timeoutMs, resumeMs, silenceMs };
  for (const [name, value] of Object.entries(timing)) {
    if (typeof value !== "number") throw new TypeError(`${name} must be a number, got ${typeof value}`);
    if (!(value >= 1 && value < 2 ** 31))
      throw new RangeError(`${name} must be from 1 to 2^31 − 1, got ${value}`);
  }
  return timing;
}
