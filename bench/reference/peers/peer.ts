/** Another system at work: processes that do what they are told by name, and say how long it took and how wrong it is. */

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { PYTHON } from "./environment";

export interface PeerFigure {
  /** The median over the repetitions. */
  readonly seconds: number;
  /** The largest error against the same work in the clear. */
  readonly error: number;
  /** How many elements it took, where that differs from the others. */
  readonly amount?: number | null;
}

const SOURCES = resolve("bench/reference/peers");
/** The longest that one work may take; a system that takes longer is reported as missing. */
const LIMIT_MS = 240_000;

/** CrypTen ("crypten_tfp") or SPU ("spu_cheetah", "spu_semi2k") between two processes. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string | undefined) => void)[] = [];

  constructor(readonly system: "crypten_tfp" | "spu_cheetah" | "spu_semi2k") {
    // OpenBLAS as it is on this processor, one thread for each party.
    const env = { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    this.#child = spawn(PYTHON, ["serve.py", system], {
      cwd: SOURCES,
      stdio: ["pipe", "pipe", "ignore"],
      env,
    });
    const lines = createInterface({ input: this.#child.stdout! });
    // The systems log to stdout too.
    lines.on("line", (line) => line.startsWith("{") && this.#waiting.shift()?.(line));
    lines.on("close", () => {
      for (const answer of this.#waiting.splice(0)) answer(undefined);
    });
  }

  /** Return undefined if the system cannot do this work here. */
  async measure(work: string, repetitions: number): Promise<PeerFigure | undefined> {
    const timer = setTimeout(() => this.close(), LIMIT_MS);
    const line = await new Promise<string | undefined>((answer) => {
      this.#waiting.push(answer);
      this.#child.stdin!.write(`${work} ${repetitions}\n`);
    });
    clearTimeout(timer);
    return read(this.system, work, line);
  }

  close(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }
}

/** MPyC between three processes, which start anew for each work. */
export async function measureMpyc(work: string, repetitions: number): Promise<PeerFigure | undefined> {
  const child = spawn(PYTHON, ["mpyc_system.py", work, String(repetitions), "-M3"], {
    cwd: SOURCES,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: LIMIT_MS,
  });
  let found: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("{")) found = line;
  return read("MPyC", work, found);
}

function read(system: string, work: string, line: string | undefined): PeerFigure | undefined {
  const figure = line === undefined ? undefined : (JSON.parse(line) as PeerFigure & { failed?: string });
  if (figure && figure.failed === undefined) return figure;
  process.stderr.write(`${system} did not compute ${work}${figure ? `:\n${figure.failed}` : ""}\n`);
  return undefined;
}
