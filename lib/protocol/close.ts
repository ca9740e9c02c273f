import { TransportError } from "../errors";

/** How long operations may work on what arrived before the other party closed. */
const CLOSING_MS = 1000;

/** Ends a session: at once, or, after an orderly close, once operations that have all their messages had time to finish. */
export function closeWhenIdle(error: Error, end: () => void): void {
  if (error instanceof TransportError && error.reason === "closed") setTimeout(end, CLOSING_MS).unref();
  else end();
}
