/** Execute one cell: compile, run, settle, render. */

import { type Cell, type MimeBundle, runIn } from "../cell/cell";
import type { CellCompiler, CompiledCell } from "../compile/compiler";
import { formatProblems, type Problem } from "../compile/diagnostics";
import { bold } from "../display/ansi";
import { text as asText, render } from "../display/render";
import { Interrupted, type Interrupter, KernelExit } from "./interrupt";
import type { Rejections } from "./rejections";
import type { Scope } from "./scope";
import { type CellValue, runScript } from "./script";
import type { ErrorReport, Tracebacks } from "./traceback";

/** The outcome of an execution: the result to show, if any, or an error. */
export type Outcome =
  | { readonly shown: MimeBundle | undefined; readonly value?: unknown }
  | { readonly error: ErrorReport };

/** The parts of the kernel that an execution needs. */
export interface Surroundings {
  readonly rejections: Rejections;
  readonly compiler: CellCompiler;
  readonly scope: Scope;
  readonly tracebacks: Tracebacks;
  readonly interrupter: Interrupter;
  /** Show an error that is not the cell's result. */
  readonly showUncaught: (thrown: unknown) => void;
  /** Wait for the library's operations that the cell has started. */
  readonly settle: () => Promise<void>;
  /** Describe each wait of the library in one sentence. */
  readonly waiting: () => string[];
}

/** Run a cell, and return its outcome. Never throws. */
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
    // Keep its declarations before it runs: they stay in scope even if the cell fails.
    compiler.keep(compiled);
    const [outcome, rejected] = await around.rejections.collect(cell, () =>
      runIn(cell, () => runCompiled(compiled, code, cell, around)),
    );
    if (rejected.length === 0) return outcome;
    if ("error" in outcome) {
      for (const reason of rejected) around.showUncaught(reason);
      return outcome;
    }
    if (outcome.shown !== undefined) cell.display(outcome.shown);
    return { error: rejectionReport(rejected, tracebacks) };
  } catch (thrown) {
    return { error: tracebacks.report(thrown) };
  }
}

/** Report the first promise that a cell left rejected, and how many more there are. */
function rejectionReport(rejected: readonly unknown[], tracebacks: Tracebacks): ErrorReport {
  const report = tracebacks.report(rejected[0]);
  const others = rejected.length === 1 ? "" : ` ${rejected.length - 1} more were rejected too.`;
  const note = `Nothing awaited this promise.${others}`;
  return { ...report, traceback: [...report.traceback, bold(note)] };
}

/** Evaluate an expression for a client's `user_expressions`. Do not keep its declarations. */
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
    return { error: tracebacks.report(explain(thrown, around.waiting())) };
  }
  if (value === undefined || value.value === undefined) return { shown: undefined };
  try {
    return { shown: await interrupter.race(Promise.resolve(render(value.value))), value: value.value };
  } catch (thrown) {
    if (thrown instanceof Interrupted) return { error: tracebacks.report(thrown) };
    // A display method that fails must not hide the value.
    console.error(
      `The value's own display failed: ${thrown instanceof Error ? thrown.message : asText(thrown)}`,
    );
    return { shown: { data: { "text/plain": asText(value.value) }, metadata: {} }, value: value.value };
  }
}

/** Start the script. Throw the same error for a SIGINT before its first await as for one after it. */
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

/** Explain the effect of an interrupt on an operation that both parties have started. */
function explain(thrown: unknown, waiting: readonly string[]): unknown {
  if (!(thrown instanceof Interrupted) || thrown instanceof KernelExit || waiting.length === 0) return thrown;
  return new Interrupted(
    `The wait was interrupted, but the operation is still under way (${waiting.map((line) => line.replace(/\s*…$/, "")).join("; ")}). ` +
      "Run the next cell to continue to wait for it, or run `await iface.resync()` on both sides to abort it.",
  );
}

function problemReport(problems: readonly Problem[], code: string, cell: Cell): ErrorReport {
  const { line, column, message, code: number } = problems[0]!;
  return {
    ename: number === undefined ? "SecretUseError" : "TypeScriptError",
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
