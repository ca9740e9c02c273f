import { textBar } from "../../text/bar";
import type { Notice } from "./notice";

/** The output of a terminal; files and pipes have no columns. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Return to the beginning of the line, and erase it. */
const ERASE = "\r\u001b[2K";

/**
 * Shows notices in a terminal. A wait is one line that is overwritten and finally erased. In a file or a pipe, each wait
 * is written once.
 */
export class Terminal {
  /** The current waits; a terminal shows the latest. */
  readonly #waiting = new Map<string, string>();
  readonly #stream: TerminalStream;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  notify({ id, kind, text, progress }: Notice): void {
    const before = this.#waiting.size > 0;
    const known = this.#waiting.delete(id);
    if (kind === "waiting") this.#waiting.set(id, progress ? `${text} ${textBar(progress)}` : text);
    if (this.#stream.isTTY !== true) {
      if (kind !== "done" && !(kind === "waiting" && known)) this.#stream.write(`spdzlab: ${text}\n`);
      return;
    }
    const line = kind === "warning" || kind === "note" ? `spdzlab: ${text}\n` : "";
    const latest = [...this.#waiting.values()].at(-1);
    const shown = latest === undefined ? "" : this.#fit(`spdzlab: ${latest}`);
    if (before || shown !== "" || line !== "") this.#stream.write(`${before ? ERASE : ""}${line}${shown}`);
  }

  /** Shorten a line so that it does not wrap; keep its end, where the bar is. */
  #fit(line: string): string {
    const room = (this.#stream.columns ?? 80) - 1;
    if (line.length <= room) return line;
    const end = line.slice(-Math.min(30, room - 2));
    return `${line.slice(0, room - end.length - 1)}…${end}`;
  }
}
