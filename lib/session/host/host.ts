/**
 * Where the library runs: a notebook kernel, a terminal, a test. The host names the cell that an operation was
 * issued in and shows notices to the person; the library itself never prints.
 */

import type { Notice } from "./notice";
import { Terminal } from "./terminal";
import { Throttle } from "./throttle";

export interface Host {
  /** The cell now running, such as `In [14]`; undefined outside a notebook. */
  cell(): string | undefined;
  notify(notice: Notice): void;
}

const lines = new Terminal(process.stderr);
const terminal: Host = { cell: () => undefined, notify: (notice) => lines.notify(notice) };

let current: Host = throttled(terminal);

/** The host in force; a plain Node program gets one that writes notices to stderr. */
export function host(): Host {
  return current;
}

/** Installs a host, as the kernel does at its start; undefined brings back the plain one. */
export function setHost(next: Host | undefined): void {
  current = throttled(next ?? terminal);
}

/** What changes often reaches the host at most ten times a second. */
function throttled(inner: Host): Host {
  const throttle = new Throttle((notice) => inner.notify(notice));
  return { cell: () => inner.cell(), notify: (notice) => throttle.notify(notice) };
}
