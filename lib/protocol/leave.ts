import { TransportError } from "../errors";

/** What an operation may take to work on what came before the connection ended. */
const LEAVE_MS = 1000;

/** Ends a session: at once, or after an orderly close once operations that lack no message had the time to end. */
export function leave(error: Error, end: () => void): void {
  if (error instanceof TransportError && error.reason === "closed") setTimeout(end, LEAVE_MS).unref();
  else end();
}
