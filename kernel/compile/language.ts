/** Completion, hover and completeness, in the fields of the messaging protocol. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Content } from "../wire/message";
import type { CellCompiler } from "./compiler";
import { fenced, hoverOf } from "./hover";
import { fromCodePoints, toCodePoints } from "./positions";
import { ts } from "./typescript";

/**
 * Return the completions at the cursor.
 *
 * @param preloaded - the values of the preloaded names. The compiler knows only that they are imported.
 */
export function completeReply(
  compiler: CellCompiler,
  code: string,
  cursor: number,
  preloaded: Readonly<Record<string, unknown>> = {},
): Content {
  const position = fromCodePoints(code, cursor);
  const { start, end, candidates, original } = compiler.complete(code, position);
  const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
  const kinds = new Map(original?.entries.map((entry) => [entry.name, entry.kind]));
  const kind = (name: string) => {
    const known = kinds.get(name) ?? "";
    return known === "alias" && Object.hasOwn(preloaded, name) ? kindOf(preloaded[name]) : known;
  };
  const typed = candidates.map((text) => ({ text, start: from, end: to, type: kind(text) }));
  return {
    status: "ok",
    matches: candidates,
    cursor_start: from,
    cursor_end: to,
    metadata: { _jupyter_types_experimental: typed },
  };
}

function kindOf(value: unknown): string {
  if (typeof value !== "function") return "const";
  return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
}

/**
 * Return the signature and the doc comment of the name at the cursor.
 *
 * @param detail - if at least 1, add the code of a name that a cell declared
 */
export function inspectReply(
  compiler: CellCompiler,
  code: string,
  cursor: number,
  preloaded: readonly string[],
  detail = 0,
): Content {
  const info = inspectAround(compiler, code, fromCodePoints(code, cursor));
  const nothing = { status: "ok", found: false, data: {}, metadata: {} };
  if (info === undefined) return nothing;
  const hover = hoverOf(info);
  // The compiler returns this for an unknown name.
  if (hover.text === "any") return nothing;
  // For a namespace the compiler returns only its import.
  const shown = /^import spdz\b/.test(hover.signature) ? ofLibrary(preloaded) : hover;
  let { text, markdown } = shown;
  const source = detail > 0 ? compiler.sources.find(nameAround(code, cursor)) : undefined;
  if (source !== undefined) {
    text += `\n\n${source}`;
    markdown += `\n\n${fenced(source)}`;
  }
  return { status: "ok", found: true, data: { "text/plain": text, "text/markdown": markdown }, metadata: {} };
}

function ofLibrary(names: readonly string[]): { text: string; markdown: string } {
  const [signature, about] = ["namespace spdz", "Secure computation on secret-shared tensors:"];
  const all = [...names].sort();
  return {
    text: `${signature}\n\n${about} ${all.join(", ")}.`,
    markdown: `${fenced(signature)}\n\n${about} ${all.map((name) => `\`${name}\``).join(", ")}.`,
  };
}

/** Return the name in or before the cursor. Empty if there is none, and for a member such as `b` in `a.b`. */
function nameAround(code: string, cursor: number): string {
  const position = fromCodePoints(code, cursor);
  const before = /(?:^|[^.\w$])([\w$]*)\(?$/.exec(code.slice(0, position))?.[1];
  return before === undefined ? "" : before + (/^[\w$]*/.exec(code.slice(position))?.[0] ?? "");
}

/** Inspect the name at `position` or just before it: the cursor may be behind a name or its opening bracket. */
function inspectAround(
  compiler: CellCompiler,
  code: string,
  position: number,
): TypeScript.QuickInfo | undefined {
  for (const at of [position, position - 1, position - 2]) {
    if (at < 0) continue;
    const info = compiler.inspect(code, at);
    if (info !== undefined) return info;
  }
  return undefined;
}

/** Errors that more input can fix: an unterminated template, and a missing end of a comment or a literal. */
const UNTERMINATED = new Set([1010, 1160]);

/** Errors that name what is expected next: an expression, a type, a name, a token. At the end, it may follow. */
const EXPECTED = new Set([1003, 1005, 1109, 1110, 1134, 1138]);

/** Decide whether a console should run `code` or let the user continue to write. */
export function isCompleteReply(code: string): Content {
  const { isCompleteCode } = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  const { completed, indent } = isCompleteCode(code);
  if (!completed) return { status: "incomplete", indent: indent ?? "" };
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly TypeScript.Diagnostic[] };
  if (parseDiagnostics.length === 0) return { status: "complete" };
  // After an empty line, a console runs what there is.
  const end = /(^|\n)\s*\n\s*$/.test(code) ? Number.POSITIVE_INFINITY : code.trimEnd().length;
  const open = parseDiagnostics.some(
    ({ code: number, start = 0 }) => UNTERMINATED.has(number) || (EXPECTED.has(number) && start >= end),
  );
  return open ? { status: "incomplete", indent: "" } : { status: "invalid" };
}
