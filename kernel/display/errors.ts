/** The library's own errors as a short block: name, what happened, what to do. */

import { escapeHtml } from "../../lib/text/html";
import { htmlFolded } from "./html";

/** Whether it is a SpdzError of any copy of the library. */
export function isLibraryError(value: unknown): value is Error & { readonly code: string } {
  if (!(value instanceof Error)) return false;
  for (let type = Object.getPrototypeOf(value); type !== null; type = Object.getPrototypeOf(type)) {
    if (type.constructor?.name === "SpdzError") return true;
  }
  return false;
}

/** By the beginning of the code; the first that fits counts. */
const ADVICE: readonly (readonly [code: string, advice: string])[] = [
  ["transport-address-in-use", "Stop the other notebook that uses this address, or choose another address."],
  [
    "transport-mismatch",
    "Give both notebooks the same options and the same version, then make the interface anew.",
  ],
  ["transport-", "Look whether the other notebook still runs, then make the interface anew on both sides."],
  [
    "desync",
    "Run the same cells in the same order on both sides; `await iface.resync()` on both starts anew.",
  ],
  ["check-", "Trust nothing that this session computed, and make a new one only with a party you trust."],
  ["closed", "Make a new interface on both sides."],
  ["unsettled", "Run `await iface.settled()` first, or read the value in the next cell."],
];

/** What to do about an error whose message does not go on to say it. */
export function adviceFor(error: Error & { readonly code: string }): string | undefined {
  if (/[.:;] \S/.test(error.message)) return undefined;
  return ADVICE.find(([code]) => String(error.code).startsWith(code))?.[1];
}

/** The block of an error that is a value. */
export function errorHtml(error: Error & { readonly code: string }): string {
  const [what, ...rest] = String(error.message).split(/(?<=[.]) (?=[A-Z`])/);
  const advice = rest.join(" ") || adviceFor(error);
  const line = (text: string) => `<div>${escapeHtml(text)}</div>`;
  const frames = String(error.stack ?? "")
    .split("\n")
    .filter((row) => /^\s+at /.test(row));
  return (
    '<div style="border-left:4px solid var(--jp-error-color1,#d32f2f);padding:2px 8px">' +
    `<div><b style="color:var(--jp-error-color1,#d32f2f)">${escapeHtml(error.name)}</b> ` +
    `<code>${escapeHtml(String(error.code))}</code></div>` +
    `${line(what!)}${advice ? line(`What to do: ${advice}`) : ""}` +
    `${frames.length > 0 ? htmlFolded("Traceback", frames) : ""}</div>`
  );
}
