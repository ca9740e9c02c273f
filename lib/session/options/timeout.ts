/** Long, because users do not start at the same moment; a notice shows the wait, and it can be interrupted. */
const TIMEOUT_S = 600;

/**
 * Choose how long to wait for the other party to connect: the option, else the environment, else ten minutes.
 *
 * @throws {RangeError} SPDZ_TIMEOUT is not a valid number of seconds
 */
export function chooseTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs !== undefined) return timeoutMs;
  const text = process.env.SPDZ_TIMEOUT || TIMEOUT_S;
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 2_000_000) return seconds * 1000;
  throw new RangeError(
    `SPDZ_TIMEOUT must be a number of seconds from 1 to 2,000,000, got ${JSON.stringify(text)}`,
  );
}
