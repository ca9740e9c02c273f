/**
 * Where the library runs: a notebook kernel, a terminal, a test. The host names the cell that an operation was
 * issued in and shows notices to the person; the library itself never prints.
 */

/** Something a person should see. A later notice with the same `id` replaces the earlier one. */
export interface Notice {
  readonly id: string;
  /** `warning` and `note` stay; `waiting` is shown while it lasts; `done` takes the notice of that `id` away. */
  readonly kind: "warning" | "note" | "waiting" | "done";
  /** One short sentence in plain text; empty for `done`. */
  readonly text: string;
}

export interface Host {
  /** The cell now running, such as `In [14]`; undefined outside a notebook. */
  cell(): string | undefined;
  notify(notice: Notice): void;
}

const terminal: Host = {
  cell: () => undefined,
  notify: ({ kind, text }) => {
    if (kind !== "done") process.stderr.write(`spdzlab: ${text}\n`);
  },
};

let current: Host = terminal;

/** The host in force; a plain Node program gets one that writes notices to stderr. */
export function host(): Host {
  return current;
}

/** Installs a host, as the kernel does at its start; undefined brings back the plain one. */
export function setHost(next: Host | undefined): void {
  current = next ?? terminal;
}
