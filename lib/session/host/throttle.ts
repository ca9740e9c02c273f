import type { Notice } from "./notice";

/** The least time between two updates of one notice, in milliseconds. */
const INTERVAL_MS = 100;

interface Line {
  /** What came meanwhile; only the latest matters. */
  held: Notice | undefined;
  timer: NodeJS.Timeout;
}

/** Lets the first notice of an id through at once and its updates at most ten times a second; the last one counts. */
export class Throttle {
  readonly #lines = new Map<string, Line>();
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
      // What has ended is not shown again by an update that was held back.
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
