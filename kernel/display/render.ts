/** Convert a value to the representations that the notebook shows. */

import { inspect } from "node:util";
import type { MimeBundle } from "../cell/cell";
import { arrayTable } from "./arrays";
import { errorHtml, isLibraryError } from "./errors";
import { matrixLatex } from "./latex";
import { base64, pictureOf } from "./pictures";

/** The name of the method by which a value returns its own MIME bundle, or a promise of one. */
export const DISPLAY = Symbol.for("Jupyter.display");

/** The name under which a changing value can be replaced in the output. */
export const DISPLAY_ID = Symbol("display id");

/** Return the MIME bundle of any value, always with `text/plain`. A promise if the value's own method returns one. */
export function render(value: unknown): MimeBundle | Promise<MimeBundle> {
  const data = displayMethod(value)?.call(value);
  return data instanceof Promise ? data.then((own) => complete(value, own)) : complete(value, data);
}

function complete(value: unknown, own: unknown): MimeBundle {
  if (typeof own !== "object" || own === null) return { data: guess(value), metadata: {} };
  // Leave out an entry that cannot be sent, instead of losing the whole result.
  const data: Record<string, unknown> = {};
  for (const [type, entry] of Object.entries(own)) {
    const sent = entry instanceof Uint8Array && type.startsWith("image/") ? base64(entry) : entry;
    if (isMimeEntry(type, sent)) data[type] = isJson(type) || !Array.isArray(sent) ? sent : sent.join("");
  }
  if (typeof data["text/plain"] !== "string") data["text/plain"] = text(value);
  const id = (value as { [DISPLAY_ID]?: string })[DISPLAY_ID];
  return { data, metadata: {}, ...(id !== undefined && { id }) };
}

/** Return representations of a value without a display method. Only text if inspecting the value throws. */
function guess(value: unknown): Record<string, unknown> {
  const data: Record<string, unknown> = { "text/plain": text(value) };
  try {
    const pictures = Object.entries(pictureOf(value)).filter(([type, entry]) => isMimeEntry(type, entry));
    if (pictures.length > 0) return { ...data, ...Object.fromEntries(pictures) };
    const latex = matrixLatex(value);
    if (latex !== undefined) return { ...data, "text/latex": latex };
    const html = isLibraryError(value) ? errorHtml(value) : arrayTable(value);
    return html === undefined ? data : { ...data, "text/html": html };
  } catch {
    return data;
  }
}

const MIME_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;

/** Return whether a front end accepts the entry: any JSON value under a JSON type, and text under any other type. */
function isMimeEntry(type: string, entry: unknown): boolean {
  if (!MIME_TYPE.test(type) || entry === null || entry === undefined) return false;
  if (typeof entry === "string") return true;
  // Accept text as a list of lines, as in a notebook file.
  if (!isJson(type)) return Array.isArray(entry) && entry.every((line) => typeof line === "string");
  try {
    return JSON.stringify(entry) !== undefined;
  } catch {
    return false;
  }
}

function isJson(type: string): boolean {
  return /[/+]json$/.test(type);
}

function displayMethod(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as { [DISPLAY]?: unknown })[DISPLAY];
  return typeof method === "function" ? (method as () => unknown) : undefined;
}

/** Format a value as text. */
export function text(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
}
