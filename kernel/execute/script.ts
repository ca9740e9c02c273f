/** Run the JavaScript of a cell. */

import { Script } from "node:vm";
import { CELL, SCOPE } from "../compile/rewrite";
import { defaultOf, namespaceOf, type Scope } from "./scope";

/** The value of the last expression of a cell. Undefined if the cell ends with a statement. */
export type CellValue = { readonly value: unknown } | undefined;

const HANDOVER = Symbol.for("spdzlab.cell");

const PREFIX = `(async function (require, __filename, __dirname, ${SCOPE}, ${CELL}) { "use strict"; { `;
const SUFFIX = `\n}})(...globalThis[Symbol.for("spdzlab.cell")])`;

/**
 * Run a cell up to its first await, and return a promise of the rest. SIGINT stops only the part before the first
 * await.
 *
 * @param javascript - the body of the cell, see `compile/rewrite.ts`
 * @param file - the name of the cell in stack traces
 * @throws {Error} `ERR_SCRIPT_EXECUTION_INTERRUPTED` on SIGINT
 */
export function runScript(javascript: string, file: string, scope: Scope): Promise<CellValue> {
  const load = scope.require;
  const cell = {
    defaultOf,
    namespaceOf,
    import: async (id: string) => namespaceOf(load(id)),
  };
  Object.defineProperty(globalThis, HANDOVER, {
    value: [load, file, scope.cwd, scope.values, cell],
    configurable: true,
  });
  const script = new Script(PREFIX + javascript + SUFFIX, { filename: file, columnOffset: -PREFIX.length });
  return script.runInThisContext({ breakOnSigint: true }) as Promise<CellValue>;
}
