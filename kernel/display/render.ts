/** From a value to what the notebook shows. */

import { inspect } from "node:util";
import type { MimeBundle } from "../execute/cell";

/** A value with a method of this name says itself how it is shown: a MIME bundle, or a promise of one. */
export const DISPLAY = Symbol.for("Jupyter.display");

/** The MIME bundle of any value; always has `text/plain`. A promise only where the value's own method gives one. */
export function render(value: unknown): MimeBundle | Promise<MimeBundle> {
  const data = displayMethod(value)?.call(value);
  return data instanceof Promise ? data.then((own) => complete(value, own)) : complete(value, data);
}

function complete(value: unknown, own: unknown): MimeBundle {
  if (typeof own !== "object" || own === null) return { data: { "text/plain": text(value) }, metadata: {} };
  // An entry that no message can carry is left out rather than lose the whole result.
  const data = Object.fromEntries(Object.entries(own).filter(([, entry]) => isSendable(entry)));
  if (typeof data["text/plain"] !== "string") data["text/plain"] = text(value);
  return { data, metadata: {} };
}

function isSendable(entry: unknown): boolean {
  if (entry === null || entry === undefined) return false;
  try {
    return JSON.stringify(entry) !== undefined;
  } catch {
    return false;
  }
}

function displayMethod(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as { [DISPLAY]?: unknown })[DISPLAY];
  return typeof method === "function" ? (method as () => unknown) : undefined;
}

/** A value as text. */
export function text(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
}
