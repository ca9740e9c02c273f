/** Show the library's own errors as a short block: name, what happened, what to do. */

import { escapeHtml } from "../../lib/text/html";
import { htmlFolded } from "./html";

/** Return whether a value is a SpdzError of any copy of the library. */
export function isLibraryError(value: unknown): value is Error & { readonly code: string } {
  if (!(value instanceof Error)) return false;
  for (let type = Object.getPrototypeOf(value); type !== null; type = Object.getPrototypeOf(type)) {
    if (type.constructor?.name === "SpdzError") return true;
  }
  return false;
}

/** Advice by the beginning of the code. The first match counts. */
const ADVICE: readonly (readonly [code: string, advice: string])[] = [
  ["transport-address-in-use", "Stop the other notebook that uses this address, or choose another address."],
  [
    "transport-mismatch",
    "Give both notebooks the same options and the same version, then create the interface again.",
  ],
  [
    "transport-",
    "Check that the other notebook is still running, then create the interface again on both sides.",
  ],
  [
    "desync",
    "Run the same cells in the same order on both sides. Run `await iface.resync()` on both sides to start again.",
  ],
  [
    "check-",
    "Do not trust any result of this session. Create a new session only if you trust the other party.",
  ],
  ["closed", "Create a new interface on both sides."],
  ["unsettled", "Run `await iface.settled()` first, or read the value in the next cell."],
];

/** Return advice for an error, unless its message contains advice already. */
export function adviceFor(error: Error & { readonly code: string }): string | undefined {
  if (/[.:;] \S/.test(error.message)) return undefined;
  return ADVICE.find(([code]) => String(error.code).startsWith(code))?.[1];
}

/** Return the block of an error that is the value of a cell. */
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
