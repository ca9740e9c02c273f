import { TransportError } from "../errors";

/** How long operations may continue on messages that arrived before the other party closed. */
const CLOSING_MS = 1000;

/** End a session at once. After an orderly close, first give operations that have all their messages time to finish. */
export function closeWhenIdle(error: Error, end: () => void): void {
  if (error instanceof TransportError && error.reason === "closed") setTimeout(end, CLOSING_MS).unref();
  else end();
}
