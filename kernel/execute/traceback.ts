/** Convert a thrown value to the error that the notebook shows. */

import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join } from "node:path";
import { SCOPE } from "../compile/rewrite";
import { bold, cyan, dim, red } from "../display/ansi";
import { adviceFor, isLibraryError } from "../display/errors";
import { htmlFolded } from "../display/html";
import { text } from "../display/render";
import { Interrupted } from "./interrupt";

/** An error in the fields of the messaging protocol. */
export interface ErrorReport {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: string[];
}

interface CellSource {
  readonly code: string;
  /** The number of lines of the cell's JavaScript. The lines after them belong to the kernel. */
  readonly rows: number;
  readonly map: () => SourceMap | undefined;
}

/** The library's key of the place of an operation, see `lib/session/host`. */
const PLACE: unique symbol = Symbol.for("spdzlab.place") as never;

/** `at name (place:line:column)` or `at place:line:column` */
const FRAME = /^ {4}at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;
const CELL_FILE = /^In \[\d+\]$/;
/** Lines of code shown before and after the one that failed. */
const CONTEXT = 2;
/** How many errors deep to follow the causes. */
const MAX_CAUSES = 5;

const ownFolder = dirname(__dirname);
const libraryFolder = join(ownFolder, "..", "lib");

/** Remembers the code of every cell, to show stack traces in the cell's own lines. */
export class Tracebacks {
  private readonly cells = new Map<string, CellSource>();

  /** Remember a cell. New code replaces earlier code of the same name. */
  add(name: string, code: string, javascript: string): void {
    let parsed: SourceMap | undefined;
    const map = () => {
      parsed ??= sourceMapOf(javascript);
      return parsed;
    };
    this.cells.set(name, { code, rows: javascript.split("\n").length, map });
  }

  /** Describe any thrown value, even one that throws when it is inspected. */
  report(thrown: unknown): ErrorReport {
    try {
      const { ename, evalue, traceback } = this.describe(thrown);
      return { ename: String(ename), evalue: String(evalue), traceback };
    } catch {
      const evalue = "a value that cannot be shown";
      return { ename: "Thrown", evalue, traceback: [`${red(bold("Thrown"))}: ${evalue}`] };
    }
  }

  /** Return the stack frames of a library error as folded HTML. Undefined for any other error. */
  folded(thrown: unknown): string | undefined {
    try {
      if (!isLibraryError(thrown)) return undefined;
      const lines = String(thrown.stack)
        .split("\n")
        .filter((line) => FRAME.test(line))
        .map((line) => this.placed(line));
      return lines.length === 0 ? undefined : htmlFolded(`Traceback of ${nameOf(thrown)}`, lines);
    } catch {
      return undefined;
    }
  }

  /** Return a frame with its place in the cell instead of in the cell's JavaScript. */
  private placed(line: string): string {
    const [, name = "", file = "", row, column] = FRAME.exec(line)!;
    if (!CELL_FILE.test(file)) return line.trimStart();
    const place = this.original(file, Number(row), Number(column));
    return `at ${name && `${name}, `}${file}, line ${place.line}, column ${place.column}`;
  }

  private describe(thrown: unknown): ErrorReport {
    if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
      const evalue = text(thrown);
      return { ename: "Thrown", evalue, traceback: [`${red(bold("Thrown"))}: ${evalue}`] };
    }
    if (thrown instanceof Interrupted) {
      return {
        ename: thrown.name,
        evalue: thrown.message,
        traceback: [`${red(bold(thrown.name))}: ${thrown.message}`],
      };
    }
    return { ename: nameOf(thrown), evalue: messageOf(thrown), traceback: this.lines(thrown, 0) };
  }

  private lines(error: Error, depth: number): string[] {
    const code = (error as { code?: unknown }).code;
    const label = typeof code === "string" && isLibraryError(error) ? ` [${code}]` : "";
    const head = `${red(bold(nameOf(error) + label))}: ${messageOf(error)}`;
    const out = [head, ...this.frames(error)];
    const advice = isLibraryError(error) ? adviceFor(error) : undefined;
    if (advice !== undefined) out.push(bold(`What to do: ${advice}`));
    if (depth >= MAX_CAUSES) return out;
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    if (isErrorLike(cause)) out.push(dim("Caused by:"), ...this.lines(cause, depth + 1));
    if (Array.isArray(errors)) {
      for (const inner of errors.slice(0, MAX_CAUSES))
        if (isErrorLike(inner)) out.push(...this.lines(inner, depth + 1));
    }
    return out;
  }

  /** Return the frames of a stack that matter to the user, with the code of the innermost cell. */
  private frames(error: Error): string[] {
    const out: string[] = [];
    let folded = 0;
    let shown = false;
    const unfold = () => {
      if (folded > 0) out.push(dim(`    … ${folded} ${folded === 1 ? "frame" : "frames"} in libraries`));
      folded = 0;
    };
    for (const line of stackOf(error)) {
      const frame = FRAME.exec(line);
      if (frame === null) continue;
      const [, name = "", file = ""] = frame;
      const [row, column] = [Number(frame[3]), Number(frame[4])];
      if (CELL_FILE.test(file)) {
        if (row > (this.cells.get(file)?.rows ?? row)) continue;
        unfold();
        const place = this.original(file, row, column);
        const own = name.replace(/^(async )?(Object|module)?\.?<anonymous>$/, "").replace(/^async$/, "");
        out.push(
          `    at ${own === "" ? "" : `${own}, `}${cyan(`${file}, line ${place.line}, column ${place.column}`)}`,
        );
        if (!shown) out.push(...this.excerpt(file, place));
        shown = true;
      } else if (file.startsWith("node:") || file.startsWith(`${ownFolder}/`)) {
        // Skip it: the user cannot act on it.
      } else if (
        isLibraryError(error) ||
        file.includes("/node_modules/") ||
        file.startsWith(`${libraryFolder}/`)
      ) {
        folded++;
      } else {
        unfold();
        out.push(dim(line));
      }
    }
    // The remaining frames are outside of every cell.
    if (!shown && folded > 0) unfold();
    return out;
  }

  private original(file: string, row: number, column: number): { line: number; column: number } {
    const entry = this.cells
      .get(file)
      ?.map()
      ?.findEntry(row - 1, column - 1);
    if (entry === undefined || !("originalLine" in entry)) return { line: row, column };
    // The compiler saw one line more, which makes the cell a module.
    return { line: Math.max(1, entry.originalLine), column: entry.originalColumn + 1 };
  }

  private excerpt(file: string, place: { line: number; column: number }): string[] {
    const source = this.cells.get(file)?.code.split("\n");
    if (source === undefined) return [];
    const first = Math.max(1, place.line - CONTEXT);
    const last = Math.min(source.length, place.line + CONTEXT);
    const width = String(last).length;
    const lines: string[] = [];
    for (let line = first; line <= last; line++) {
      const here = line === place.line;
      const gutter = `${here ? red("→") : " "} ${String(line).padStart(width)} | `;
      const text = source[line - 1]!;
      lines.push(`      ${here ? gutter : dim(gutter)}${text}`);
      if (here) lines.push(`${" ".repeat(width + 11)}${underline(text, place.column)}`);
    }
    return lines;
  }
}

/** How many frames to keep of the place of an operation. Between the cell and the library's session are about ten. */
const DEPTH = 30;

/** Remember where the running code is. The text of the frames is made only if it is read. */
export function place(): { stack?: string } {
  const here: { stack?: string } = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  Error.captureStackTrace(here, place);
  Error.stackTraceLimit = before;
  return here;
}

/** The lines of an error's stack. If no cell is in it, those of the place of the operation that failed. */
function stackOf(error: Error): string[] {
  const own = typeof error.stack === "string" ? error.stack : "";
  if (own.includes("at In [") || own.includes("(In [")) return own.split("\n");
  const { [PLACE]: issued } = error as { [PLACE]?: { readonly stack?: string } };
  return (issued?.stack ?? own).split("\n");
}

/** Mark the word that begins at a column. Keep tabs, so that the mark is below the word. */
function underline(text: string, column: number): string {
  const length = /^(?:new\s+)?[\w$]+/.exec(text.slice(column - 1))?.[0].length ?? 1;
  return text.slice(0, column - 1).replace(/[^\t]/g, " ") + red("~".repeat(length));
}

function sourceMapOf(javascript: string): SourceMap | undefined {
  const encoded = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(javascript)?.[1];
  if (encoded === undefined) return undefined;
  return new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()) as SourceMapPayload);
}

function isErrorLike(value: unknown): value is Error {
  if (value instanceof Error) return true;
  const error = value as { message?: unknown; stack?: unknown } | null;
  return typeof error === "object" && typeof error?.message === "string" && typeof error.stack === "string";
}

const IN_SCOPE = new RegExp(`\\(0 ?, ?${SCOPE}\\.([\\w$.]+)\\)|\\b${SCOPE}\\.`, "g");

/** Return an error's message with the names that the cell's author wrote. V8 quotes the code that it ran. */
function messageOf({ message }: Error): string {
  return message.replace(IN_SCOPE, (_, called?: string) => called ?? "");
}

function nameOf(error: Error): string {
  return error.name || error.constructor?.name || "Error";
}
