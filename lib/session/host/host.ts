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
}

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
  return { cell: () => inner.cell(), notify: (notice) => throttle.notify(notice) };
}
