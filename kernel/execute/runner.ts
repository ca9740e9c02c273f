/** The life of one execution: compile, run, settle, render. */

import { type Cell, type MimeBundle, runIn } from "../cell/cell";
import type { CellCompiler, CompiledCell } from "../compile/compiler";
import { formatProblems, type Problem } from "../compile/diagnostics";
import { text as asText, render } from "../display/render";
import { Interrupted, type Interrupter, KernelExit } from "./interrupt";
import type { Scope } from "./scope";
import { type CellValue, runScript } from "./script";
import type { ErrorReport, Tracebacks } from "./traceback";

/** How an execution ended: with something to show or nothing, or with an error. */
export type Outcome = { readonly shown: MimeBundle | undefined } | { readonly error: ErrorReport };

/** What an execution needs of the rest of the kernel. */
export interface Surroundings {
  readonly compiler: CellCompiler;
  readonly scope: Scope;
  readonly tracebacks: Tracebacks;
  readonly interrupter: Interrupter;
  /** Waits for the operations of the library that the cell has begun. */
  readonly settle: () => Promise<void>;
  /** What the library is waiting for, one sentence each. */
  readonly waiting: () => string[];
}

/** Runs a cell and says how it ended; never throws. */
export async function runCell(code: string, cell: Cell, around: Surroundings): Promise<Outcome> {
  const { compiler, tracebacks } = around;
  try {
    const metadata = readMetadata(code);
    if (metadata.module !== undefined) {
      const problems = compiler.addModule(metadata.module, code, metadata);
      return problems.length > 0 ? { error: problemReport(problems, code, cell) } : { shown: undefined };
    }
    const compiled = compiler.compile(code);
    if (Array.isArray(compiled)) return { error: problemReport(compiled, code, cell) };
    // Kept before it runs: what a failing cell declared before it failed stays in scope.
    compiler.keep(compiled);
    return await runIn(cell, () => runCompiled(compiled, code, cell, around));
  } catch (thrown) {
    return { error: tracebacks.report(thrown) };
  }
}

/** Evaluates an expression for a client's `user_expressions`; what it declares is forgotten. */
export async function evaluate(code: string, cell: Cell, around: Surroundings): Promise<Outcome> {
  try {
    const compiled = around.compiler.compile(code);
    if (Array.isArray(compiled)) return { error: problemReport(compiled, code, cell) };
    return await runIn(cell, () => runCompiled(compiled, code, cell, around));
  } catch (thrown) {
    return { error: around.tracebacks.report(thrown) };
  }
}

async function runCompiled(
  { javascript, modules }: CompiledCell,
  code: string,
  cell: Cell,
  around: Surroundings,
): Promise<Outcome> {
  const { scope, interrupter, tracebacks } = around;
  scope.define(modules);
  tracebacks.add(cell.name, code, javascript);
  if (javascript === "") return { shown: undefined };
  let value: CellValue;
  try {
    const result = await interrupter.race(startScript(javascript, cell.name, scope));
    value = result && {
      value: isThenable(result.value) ? await interrupter.race(result.value) : result.value,
    };
    await interrupter.race(around.settle());
  } catch (thrown) {
    const folded = tracebacks.folded(thrown);
    // Only for front ends that can fold; the others have the error itself.
    if (folded !== undefined) cell.display({ data: { "text/html": folded }, metadata: {} });
    return { error: tracebacks.report(explain(thrown, around.waiting())) };
  }
  if (value === undefined || value.value === undefined) return { shown: undefined };
  try {
    return { shown: await interrupter.race(Promise.resolve(render(value.value))) };
  } catch (thrown) {
    if (thrown instanceof Interrupted) return { error: tracebacks.report(thrown) };
    // A display method that fails must not hide the value.
    console.error(
      `The value's own display failed: ${thrown instanceof Error ? thrown.message : asText(thrown)}`,
    );
    return { shown: { data: { "text/plain": asText(value.value) }, metadata: {} } };
  }
}

/** Starts the script; a SIGINT before its first await becomes the same error as one after it. */
function startScript(javascript: string, name: string, scope: Scope): Promise<CellValue> {
  try {
    return runScript(javascript, name, scope);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") {
      throw new Interrupted("The cell was interrupted.");
    }
    throw thrown;
  }
}

/** Says what an interrupt means for an operation that both parties have begun. */
function explain(thrown: unknown, waiting: readonly string[]): unknown {
  if (!(thrown instanceof Interrupted) || thrown instanceof KernelExit || waiting.length === 0) return thrown;
  return new Interrupted(
    `The wait was interrupted, but the operation is still under way (${waiting.map((line) => line.replace(/\s*…$/, "")).join("; ")}). ` +
      "Running the next cell goes on waiting for it; `await iface.resync()` on both sides gives it up.",
  );
}

function problemReport(problems: readonly Problem[], code: string, cell: Cell): ErrorReport {
  const { line, column, message } = problems[0]!;
  return {
    ename: "TypeScriptError",
    evalue: `line ${line}, column ${column}: ${message.split("\n")[0]}`,
    traceback: formatProblems(problems, code, cell.name),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

function readMetadata(code: string): ReturnType<typeof import("tslab/dist/metadata").getCodeMetadata> {
  return (require("tslab/dist/metadata") as typeof import("tslab/dist/metadata")).getCodeMetadata(code);
}
