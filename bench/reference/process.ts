/** A reference in another language: a process that reads lines "name repetitions" and answers with milliseconds. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export class Reference {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[] = [],
  ) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Return the time of the best repetition, in milliseconds. */
  async measure(work: string, repetitions: number): Promise<number> {
    this.#child.stdin!.write(`${work} ${repetitions}\n`);
    const { value } = await this.#lines.next();
    const time = Number(value);
    if (!(time > 0)) throw new Error(`${this.name} has no answer to ${work}: ${value}`);
    return time;
  }

  close(): void {
    this.#child.stdin!.end();
  }
}

/** Compile and start bench/reference/ring.c; return null if that is not possible. */
export function compileC(name: string, ...options: readonly string[]): Reference | null {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "ring");
  const source = resolve("bench/reference/ring.c");
  const { status } = spawnSync("cc", ["-O3", "-march=native", ...options, "-o", program, source, "-lm"]);
  return status === 0 ? new Reference(name, program) : null;
}

/** Start NumPy, in the Python that SPDZLAB_NUMPY names or in python3; return null if there is none. */
export function startNumpy(): Reference | null {
  const python = process.env.SPDZLAB_NUMPY ?? "python3";
  const { status } = spawnSync(python, ["-c", "import numpy"]);
  return status === 0 ? new Reference("NumPy", python, [resolve("bench/reference/ring.py")]) : null;
}
