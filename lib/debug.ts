import { debuglog } from "node:util";

/** A value in a log line: a count, size, kind, state or reason. Never log a payload, share, key or seed. */
type Value = string | number | boolean | undefined;

/**
 * Logs a line to stderr under NODE_DEBUG=spdzlab; otherwise does nothing.
 *
 * @param format - as of `util.format`; begins with what logs, such as "link:"
 */
export const debug: (format: string, ...values: readonly Value[]) => void = debuglog("spdzlab");
