/** A reference in another language: a process that reads "name repetitions" and answers with milliseconds. */

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

  /** Milliseconds of the best repetition. */
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

/** bench/reference/ring.c compiled here and now, or null where that cannot be. */
export function compileC(name: string, ...options: readonly string[]): Reference | null {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "ring");
  const source = resolve("bench/reference/ring.c");
  const { status } = spawnSync("cc", ["-O3", "-march=native", ...options, "-o", program, source, "-lm"]);
  return status === 0 ? new Reference(name, program) : null;
}

/** NumPy of the Python that SPDZLAB_NUMPY names, else of python3; null where there is none. */
export function startNumpy(): Reference | null {
  const python = process.env.SPDZLAB_NUMPY ?? "python3";
  const { status } = spawnSync(python, ["-c", "import numpy"]);
  return status === 0 ? new Reference("NumPy", python, [resolve("bench/reference/ring.py")]) : null;
}
