/** Functions that a notebook finds in scope, besides the library. */

import { render } from "./display/render";
import { currentCell } from "./execute/cell";
import { ask } from "./execute/input";

export { html, latex, md, type RichText, svg } from "./display/templates";

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
