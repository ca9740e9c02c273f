/** Shorthands that people know from IPython: `!command`, `%time`, `%timeit`, `%who`, `%npm`. */

import { spawn } from "node:child_process";
import { formatMs } from "../../lib/text/figures";

/** What the first characters of a cell ask for. */
export type Magic =
  /** Run TypeScript, and print how long it took if `timed`. */
  | { readonly kind: "code"; readonly code: string; readonly timed: boolean }
  /** Run commands in a shell, one after the other. */
  | { readonly kind: "shell"; readonly commands: readonly string[] }
  /** List the names that cells have declared. */
  | { readonly kind: "who" }
  /** A shorthand that this kernel does not have. */
  | { readonly kind: "unknown"; readonly hint: string };

/** What to write instead of IPython's magics that have another name here, or no meaning. */
const HINTS: Readonly<Record<string, string>> = {
  load_ext: "extensions of IPython do not run here; import a package from npm instead",
  matplotlib: "show a Vega-Lite specification as a cell's last expression instead",
  pip: "packages come from npm here: %npm install NAME",
  conda: "packages come from npm here: %npm install NAME",
  run: 'import the file instead: import "./file"',
  reset: "restart the kernel instead",
  cd: "use process.chdir(FOLDER) instead",
  env: "use process.env instead",
  html: "use html`…` instead",
  latex: "use latex`…` instead",
  markdown: "use md`…` instead",
  bash: "begin each line with ! instead",
  writefile: 'use writeFileSync of "node:fs" instead',
};

/**
 * Read a cell's shorthand.
 *
 * @param isKnown - whether a name is in scope: `!done` negates a name that is, and runs a command otherwise
 * @returns undefined for a cell without one
 */
export function magicOf(source: string, isKnown: (name: string) => boolean): Magic | undefined {
  const lines = source.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 0 && lines.every((line) => isCommand(line, isKnown)))
    return { kind: "shell", commands: lines.map((line) => line.trim().slice(1).trim()) };
  const found = /^(\s*)(%{1,2})([a-z_]+)(?=\s|$)/.exec(source);
  if (found === null) return undefined;
  const [whole, , , name = ""] = found;
  const rest = source.slice(whole.length);
  // Spaces keep the columns of errors.
  const code = " ".repeat(whole.length) + rest;
  if (name === "time") return { kind: "code", code, timed: true };
  if (name === "timeit") {
    const work = rest.trim().replace(/;$/, "");
    return { kind: "code", code: `await timeit(async () => { ${work}\n})`, timed: false };
  }
  if (name === "who" || name === "whos") return { kind: "who" };
  if (name === "npm") return { kind: "shell", commands: [`npm${rest}`] };
  const hint = HINTS[name] ?? "the kernel has %time, %timeit, %who, %npm and !COMMAND";
  return { kind: "unknown", hint: `%${name} is IPython's: ${hint}.` };
}

/** Whether a line is a command of the shell: `!ls -l`, but not `!done`, `!(a && b)` or `!list.length`. */
function isCommand(line: string, isKnown: (name: string) => boolean): boolean {
  const name = /^\s*!\s*([A-Za-z_$./~][^\s!(["'`]*)/.exec(line)?.[1];
  return name !== undefined && !isKnown(/^[\w$]*/.exec(name)![0]);
}

/**
 * Run a command in a shell in the notebook's folder, and show what it prints in the cell.
 *
 * @throws {Error} it failed; the message names its exit code
 */
export function runCommand(command: string, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd, shell: true, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (data: Buffer) => process.stdout.write(data));
    child.stderr.on("data", (data: Buffer) => process.stderr.write(data));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command}: ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** Print how long `work` takes. */
export async function timed<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    process.stdout.write(`Time: ${formatMs(performance.now() - started)}\n`);
  }
}

/** Return the lines that name what cells have declared, with each value's kind. */
export function whoLines(values: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(values).sort();
  if (names.length === 0) return ["No cell has declared a name yet."];
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${kindOf(values[name])}`);
}

function kindOf(value: unknown): string {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return typeof value;
  if (typeof value === "function") return "function";
  return (
    (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name ??
    "object"
  );
}
