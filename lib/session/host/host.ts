/**
 * The host: where the library runs, such as a notebook kernel, a terminal or a test. It names the cell that an operation
 * was issued in, and shows notices to the user. The library itself never prints.
 */

import type { Notice } from "./notice";
import { Terminal } from "./terminal";
import { Throttle } from "./throttle";

export interface Host {
  /** The running cell, such as `In [14]`; undefined outside a notebook. */
  cell(): string | undefined;
  notify(notice: Notice): void;
  /** Remember where the running code is, for the errors of an operation that it issues: an object with a `stack`. */
  place?(): object;
}

/** The key under which an error has the place of the operation that failed. The kernel reads it. */
export const PLACE = Symbol.for("spdzlab.place");

const lines = new Terminal(process.stderr);
const terminal: Host = { cell: () => undefined, notify: (notice) => lines.notify(notice) };

let current: Host = throttled(terminal);

/** Return the current host. Default: one that writes notices to stderr. */
export function host(): Host {
  return current;
}

/** Install a host, as the kernel does at its start; undefined restores the default. */
export function setHost(next: Host | undefined): void {
  current = throttled(next ?? terminal);
}

/** Limit updates of a notice to ten a second. */
function throttled(inner: Host): Host {
  const throttle = new Throttle((notice) => inner.notify(notice));
  return {
    cell: () => inner.cell(),
    notify: (notice) => throttle.notify(notice),
    ...(inner.place && { place: () => inner.place!() }),
  };
}
