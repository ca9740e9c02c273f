/** Ask the user for input. */

import type { Content } from "../wire/message";
import { type Cell, currentCell } from "./cell";

/** Send a question to the client that ran the cell. */
type Request = (cell: Cell, content: Content) => void;

let request: Request | undefined;
let answer: ((text: string) => void) | undefined;
/** The latest question. The client shows one at a time, so a cell's questions wait for one another. */
let last: { readonly cell: Cell | undefined; readonly answered: Promise<unknown> } = {
  cell: undefined,
  answered: Promise.resolve(),
};

/** Set the function that sends questions. */
export function setInputRequest(send: Request): void {
  request = send;
}

/** Pass on the user's answer. Drop it if there is no open question. */
export function receiveInput(content: Content): void {
  answer?.(String(content.value ?? ""));
  answer = undefined;
}

/** Ask, and wait for the answer. */
export async function ask(question: string, password: boolean): Promise<string> {
  const cell = currentCell();
  if (cell === undefined || cell.request.content.allow_stdin !== true) {
    throw new Error(
      "This notebook runs in a program that cannot answer input requests. Run it in JupyterLab or a console.",
    );
  }
  // If a question of another cell is still open, that cell was interrupted: do not wait for it.
  const before = last.cell === cell ? last.answered : Promise.resolve();
  const asked = before.then(
    () =>
      new Promise<string>((resolve) => {
        answer = resolve;
        request!(cell, { prompt: question, password });
      }),
  );
  last = { cell, answered: asked };
  return asked;
}
