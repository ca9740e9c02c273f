import type { Notice } from "./notice";

/** The least time between two updates of one notice, in milliseconds. */
const INTERVAL_MS = 100;

interface ThrottledLine {
  /** The latest update that was held back. */
  held: Notice | undefined;
  timer: NodeJS.Timeout;
}

/** Passes on the first notice of an id at once, and the latest update at most ten times a second. */
export class Throttle {
  readonly #lines = new Map<string, ThrottledLine>();
  readonly #next: (notice: Notice) => void;

  constructor(next: (notice: Notice) => void) {
    this.#next = next;
  }

  notify(notice: Notice): void {
    const { id, kind } = notice;
    const line = this.#lines.get(id);
    if (kind === "waiting" && line) {
      line.held = notice;
      return;
    }
    if (kind === "waiting") this.#pass(notice);
    else {
      // Drop a held update, so that it does not show a finished wait again.
      if (kind === "done" && line) {
        clearTimeout(line.timer);
        this.#lines.delete(id);
      }
      this.#next(notice);
    }
  }

  #pass(notice: Notice): void {
    const timer = setTimeout(() => {
      const held = this.#lines.get(notice.id)?.held;
      this.#lines.delete(notice.id);
      if (held) this.#pass(held);
    }, INTERVAL_MS);
    timer.unref();
    this.#lines.set(notice.id, { held: undefined, timer });
    this.#next(notice);
  }
}
