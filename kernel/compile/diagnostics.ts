/** Format the type checker's errors for the user. */

import type { Diagnostic } from "tslab/dist/converter";
import { bold, cyan, dim, red } from "../display/ansi";
import { withoutPaths } from "./paths";
import type { SecretUse } from "./secret-uses";
import { ts } from "./typescript";

/** One mistake in a cell. */
export interface Problem {
  /** TypeScript's number of the error. Undefined for an error of this kernel. */
  readonly code: number | undefined;
  readonly message: string;
  /** Its place: UTF-16 indices into the cell, and the line and column, from 1. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  /** The notebook's own file that contains it. Undefined for the cell. */
  readonly file: string | undefined;
  /** Whether the expression there is a promise. */
  promise: boolean;
  /** What to do. */
  readonly hint?: string;
}

/** Errors that TypeScript reports if a promise is used instead of its value. */
const USED_AS_VALUE = new Set([
  2322, 2339, 2345, 2362, 2363, 2365, 2367, 2461, 2488, 2538, 2551, 2740, 2741, 2763, 2769, 2801, 7053,
]);

/** Join the checker's messages about the same place, and add its line and column in the cell. */
export function problemsOf(diagnostics: readonly Diagnostic[], code: string): Problem[] {
  const problems: (Problem & { message: string })[] = [];
  for (const { start, end, messageText, code: number, fileName, category } of diagnostics) {
    if (category !== ERROR) continue;
    const message = withoutPaths(messageText);
    const last = problems.at(-1);
    if (
      last !== undefined &&
      last.start === start.offset &&
      last.end === end.offset &&
      last.file === fileName
    ) {
      last.message += `\n  ${message}`;
      continue;
    }
    problems.push({
      code: number,
      message,
      // An error at the end of the cell may point beyond it.
      start: fileName === undefined ? Math.min(start.offset, code.length) : start.offset,
      end: fileName === undefined ? Math.min(end.offset, code.length) : end.offset,
      line: start.line + 1,
      column: start.character + 1,
      file: fileName,
      promise: false,
    });
  }
  return problems;
}

const ERROR = 1;

/** What the compiler sees before the code of a cell. */
const BEFORE_CELL = `export {};${ts.sys.newLine}`.length;

/** Describe the secrets that a cell uses as plain values. */
export function problemsOfUses(uses: readonly SecretUse[], code: string): Problem[] {
  return uses.map(({ start, end, message, hint }) => {
    const before = code.slice(0, start - BEFORE_CELL).split("\n");
    return {
      code: undefined,
      message,
      start: start - BEFORE_CELL,
      end: end - BEFORE_CELL,
      line: before.length,
      column: before.at(-1)!.length + 1,
      file: undefined,
      promise: false,
      hint,
    };
  });
}

/** Return the hint for a problem, if there is one. */
export function hintFor(problem: Problem): string | undefined {
  if (problem.hint !== undefined) return problem.hint;
  if (problem.code === undefined || !USED_AS_VALUE.has(problem.code)) return undefined;
  if (!problem.promise && !/['<]Promise</.test(problem.message)) return undefined;
  return "This is a promise. Did you forget to put `await` before it?";
}

/**
 * Format the problems as lines of a traceback: place, message, the code underlined.
 *
 * @param cell - the cell's name, such as `In [3]`
 */
export function formatProblems(problems: readonly Problem[], code: string, cell: string): string[] {
  const lines = code.split("\n");
  return problems.flatMap((problem) => {
    const where = `${problem.file ?? cell}, line ${problem.line}, column ${problem.column}`;
    const head = `${cyan(where)}${problem.code === undefined ? "" : dim(` (TS${problem.code})`)}`;
    const hint = hintFor(problem);
    return [
      head,
      bold(problem.message),
      ...(problem.file === undefined ? underlined(lines, problem) : []),
      ...(hint === undefined ? [] : [bold(`Hint: ${hint}`)]),
    ];
  });
}

function underlined(lines: readonly string[], { line, column, start, end }: Problem): string[] {
  const text = lines[line - 1] ?? "";
  const width = Math.max(1, Math.min(end - start, text.length - column + 1));
  const gutter = `${line} | `;
  // Keep tabs, so that the underline is below the code for any width of a tab.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [`${dim(gutter)}${text}`, `${" ".repeat(gutter.length)}${indent}${red("~".repeat(width))}`];
}
