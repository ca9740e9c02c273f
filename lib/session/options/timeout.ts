/** People do not come at the same moment, and the wait is visible and can be stopped. */
const TIMEOUT_S = 600;

/**
 * How long a party waits for the other one to come: its option, else the environment, else ten minutes.
 *
 * @throws {RangeError} SPDZ_TIMEOUT is no number of seconds
 */
export function chooseTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs !== undefined) return timeoutMs;
  const text = process.env.SPDZ_TIMEOUT || TIMEOUT_S;
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 2_000_000) return seconds * 1000;
  throw new RangeError(`SPDZ_TIMEOUT: ${JSON.stringify(text)} is no number of seconds from 1 to 2,000,000`);
}
