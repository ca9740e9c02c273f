/** Functions that a notebook finds in scope, besides the library. */

import { host } from "../lib/session/host/host";
import { currentCell } from "./cell/cell";
import { ask } from "./cell/input";
import { render } from "./display/render";

export { html, latex, md, type RichText, svg } from "./display/templates";
export { Button } from "./widgets/button";
export { IntProgress } from "./widgets/int-progress";

/** A loop that takes less shows no bar. */
const PATIENCE_MS = 300;

/**
 * Shows a value in the cell's output, as the last expression of a cell is shown.
 *
 * @param value - anything; a method `[Symbol.for("Jupyter.display")]` says how it is shown
 */
export async function display(value: unknown): Promise<void> {
  const cell = currentCell();
  const bundle = render(value);
  // Shown at once where possible, so that it stands between what is printed before and after.
  cell?.display(bundle instanceof Promise ? await bundle : bundle);
}

/**
 * Takes away what the cell has shown so far.
 *
 * @param wait - only once something new is shown, so that the output does not flicker
 */
export function clearOutput(wait = false): void {
  currentCell()?.send("clear_output", { wait });
}

/**
 * Asks the person in front of the notebook for a line of text.
 *
 * @param question - shown before the field
 * @param options - `password: true` hides what is typed
 * @throws {Error} the notebook was run by a program that cannot answer
 */
export function prompt(question = "", options: { password?: boolean } = {}): Promise<string> {
  return ask(question, options.password === true);
}

let bars = 0;

/**
 * Shows a bar while a loop runs, and takes it away when the loop ends, also by an error or `break`. A loop that never
 * awaits lets the notebook show nothing meanwhile.
 *
 * @param items - what the loop goes through, or a count, for the numbers from 0 up to it
 * @param text - what is done, for the line above the bar
 *
 * @example
 * for (const epoch of progress(20, "Training")) { const loss = await step(); }
 */
export function progress(items: number, text?: string): Generator<number>;
export function progress<T>(items: Iterable<T>, text?: string): Generator<T>;
export function* progress<T>(items: Iterable<T> | number, text = "Working"): Generator<T | number> {
  if (typeof items === "number" && !(Number.isSafeInteger(items) && items >= 0)) {
    throw new RangeError(`a count must be a non-negative integer, got ${items}`);
  }
  const all = typeof items === "number" ? Array.from({ length: items }, (_, i) => i) : [...items];
  const id = `spdzlab-progress-${bars++}`;
  const started = Date.now();
  try {
    for (const [done, item] of all.entries()) {
      if (Date.now() - started > PATIENCE_MS) {
        const total = all.length;
        const line = `${text}: ${done} of ${total} …`;
        const notice = { text: line, lasting: `${text} …`, progress: { done, total } };
        host().notify({ id, kind: "waiting", ...notice });
      }
      yield item;
    }
  } finally {
    host().notify({ id, kind: "done", text: "" });
  }
}
