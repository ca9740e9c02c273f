/**
 * Where the library runs: a notebook kernel, a terminal, a test. The host names the cell that an operation was
 * issued in and shows notices to the person; the library itself never prints.
 */

import { Terminal } from "./terminal";
import { Throttle } from "./throttle";

/** Something a person should see. A later notice with the same `id` replaces the earlier one. */
export interface Notice {
  readonly id: string;
  /** `warning` and `note` stay; `waiting` is shown while it lasts; `done` takes the notice of that `id` away. */
  readonly kind: "warning" | "note" | "waiting" | "done";
  /** One short sentence in plain text; empty for `done`. */
  readonly text: string;
  /** The same without how far it is, for a place that shows a line once and cannot change it; `text` unless given. */
  readonly lasting?: string;
  /** How much of something is done, for a bar; what waits for an unknown time has none. */
  readonly progress?: { readonly done: number; readonly total: number } | undefined;
}

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
