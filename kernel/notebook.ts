/** Functions that are in scope in a notebook, besides the library. */

import { inspect } from "node:util";
import { host } from "../lib/session/host/host";
import { count, formatMs } from "../lib/text/figures";
import { currentCell } from "./cell/cell";
import { ask } from "./cell/input";
import { render } from "./display/render";

export { html, latex, md, type RichText, svg } from "./display/templates";
export { JupyterWidget } from "./widgets/any-widget";
export { HBox, VBox } from "./widgets/boxes";
export { Button } from "./widgets/button";
export { Checkbox, Dropdown, HTML, Password, Text } from "./widgets/fields";
export { IntProgress } from "./widgets/int-progress";
export { Output } from "./widgets/output";
export { FloatSlider, IntSlider } from "./widgets/sliders";

/** Show no bar for a loop that takes less than this. */
const PATIENCE_MS = 300;

/**
 * Show a value in the cell's output, in the same way as the last expression of a cell.
 *
 * @param value - any value; its method `[Symbol.for("Jupyter.display")]`, if any, decides how to show it
 */
export async function display(value: unknown): Promise<void> {
  const cell = currentCell();
  const bundle = render(value);
  // Show it at once where possible, so that it appears between the text printed before and after.
  cell?.display(bundle instanceof Promise ? await bundle : bundle);
}

/**
 * Remove the cell's output so far.
 *
 * @param wait - wait until the cell shows something new, so that the output does not flicker
 */
export function clearOutput(wait = false): void {
  currentCell()?.send("clear_output", { wait });
}

/**
 * Ask the user for a line of text.
 *
 * @param question - the text before the input field
 * @param options - `password: true` hides the input
 * @throws {Error} the notebook runs in a program that cannot answer
 */
export function prompt(question = "", options: { password?: boolean } = {}): Promise<string> {
  return ask(question, options.password === true);
}

/**
 * Ask the user to agree.
 *
 * @returns whether the answer was y or yes, in any case
 * @throws {Error} the notebook runs in a program that cannot answer
 */
export async function confirm(question: string): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test(await ask(`${question} [y/n] `, false));
}

/** Show a line of text in the cell's output. A notebook has no dialogue boxes. */
export function alert(text: unknown): void {
  console.log(String(text));
}

/** How long each of several runs took, in milliseconds. */
export class Timing {
  constructor(readonly runs: readonly number[]) {}

  get median(): number {
    const sorted = [...this.runs].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  toString(): string {
    const [least, most] = [Math.min(...this.runs), Math.max(...this.runs)];
    return `${formatMs(this.median)} a run (median of ${count(this.runs.length, "run")}, ${formatMs(least)} to ${formatMs(most)})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * Run some work several times, one after the other, and return how long each run took. The number of runs does not
 * depend on the time they take, so that two parties that time an operation on secrets run it equally often.
 *
 * @param runs - how often, at least once
 * @throws {RangeError} `runs` is not a positive integer
 *
 * @example
 * await timeit(() => x.mul(y).reveal())
 */
export async function timeit(work: () => unknown, { runs = 7 }: { runs?: number } = {}): Promise<Timing> {
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new RangeError(`runs must be a positive integer, got ${runs}`);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return new Timing(times);
}

let bars = 0;

/**
 * Show a progress bar while a loop runs. Remove it when the loop ends, also by an error or `break`. If the loop never
 * awaits, the notebook cannot show the bar.
 *
 * @param items - the items to loop over, or a count n to loop over the numbers from 0 to n − 1
 * @param text - the line above the bar, such as `Training`
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
