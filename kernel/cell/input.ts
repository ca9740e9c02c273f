/** Questions to the person in front of the notebook. */

import type { Content } from "../wire/message";
import { type Cell, currentCell } from "./cell";

/** Sends a question to the client that ran the cell. */
type Request = (cell: Cell, content: Content) => void;

let request: Request | undefined;
let answer: ((text: string) => void) | undefined;
/** The questions of one cell go one after the other, for the client shows one at a time. */
let last: { readonly cell: Cell | undefined; readonly answered: Promise<unknown> } = {
  cell: undefined,
  answered: Promise.resolve(),
};

/** Says how questions travel. */
export function setInputRequest(send: Request): void {
  request = send;
}

/** Hands over the person's answer; dropped when nothing was asked. */
export function receiveInput(content: Content): void {
  answer?.(String(content.value ?? ""));
  answer = undefined;
}

/** Asks and waits for the answer. */
export async function ask(question: string, password: boolean): Promise<string> {
  const cell = currentCell();
  if (cell === undefined || cell.request.content.allow_stdin !== true) {
    throw new Error(
      "This notebook runs in a program that cannot answer input requests. Run it in JupyterLab or a console.",
    );
  }
  // A question of another cell was interrupted, if it still waits.
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
