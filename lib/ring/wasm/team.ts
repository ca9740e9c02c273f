/**
 * Threads that share the engine's memory: one for every further core, started at the first work that is large enough.
 *
 * Nobody waits for a thread that is not up, nor for one that the system has not let run: what was offered to it and
 * not begun is withdrawn and done here. Threads keep no process alive.
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  ABSENT,
  type Argument,
  IDLE,
  JOB_WORDS,
  type Job,
  type Kernel,
  OFFERED,
  RUNNING,
  writeJob,
} from "./job";
import type { WasmMemory, WasmModule } from "./webassembly";

/** More would wait for memory and for each other. */
const MOST = 16;

/** What SPDZLAB_THREADS asks for, or one thread a core. */
function defaultThreads(): number {
  const asked = Number(process.env.SPDZLAB_THREADS || Number.NaN);
  return Number.isInteger(asked) && asked >= 1 ? asked : availableParallelism();
}

/** Whether memory is made shared, so that threads may be turned on later: wherever it can be and nobody says no. */
export function canShare(): boolean {
  return typeof SharedArrayBuffer !== "undefined" && process.env.SPDZLAB_THREADS !== "1";
}

let wanted: number | undefined;

/** The number of threads that large work is spread over, this one included; 1 where memory cannot be shared. */
export function threads(): number {
  if (typeof SharedArrayBuffer === "undefined") return 1;
  wanted ??= Math.min(defaultThreads(), MOST);
  return wanted;
}

/**
 * Sets how many threads large work may be spread over, this one included. 1 turns threads off.
 *
 * @throws {RangeError} no integer from 1
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${count} is no number of threads`);
  wanted = Math.min(count, MOST);
}

export class Team {
  readonly #numbers: ReadonlyMap<Kernel, number>;
  readonly #slots = new SharedArrayBuffer(MOST * JOB_WORDS * 8);
  readonly #words = new Int32Array(this.#slots);
  readonly #data: { readonly module: WasmModule; readonly memory: WasmMemory };
  readonly #script: string;
  #started = 0;

  /** @param exports - of an instance of `module` on `memory`, which is shared */
  constructor(exports: object, module: WasmModule, memory: WasmMemory, script: string) {
    this.#numbers = new Map((Object.values(exports) as Kernel[]).map((kernel, i) => [kernel, i]));
    this.#data = { module, memory };
    this.#script = script;
  }

  /** How many threads are up and free, this one included. Starts those that are wanted and were not yet. */
  size(): number {
    const others = threads() - 1;
    while (this.#started < others) this.#start(this.#started++);
    let up = 1;
    for (let i = 0; i < others; i++) if (this.#state(i) === IDLE) up++;
    return up;
  }

  /** Calls the kernel with each list of arguments, the last of them here, and returns when all are done. */
  run(kernel: Kernel, calls: readonly (readonly Argument[])[]): void {
    const number = this.#numbers.get(kernel)!;
    const rest = [...calls];
    const mine = rest.pop();
    const offers: { readonly index: number; readonly args: readonly Argument[] }[] = [];
    for (let index = 0; index < this.#started && rest.length > 0; index++) {
      if (this.#state(index) !== IDLE) continue;
      const args = rest.pop()!;
      this.#offer(index, { kernel: number, args });
      offers.push({ index, args });
    }
    if (mine !== undefined) kernel(...mine);
    for (const args of rest) kernel(...args);
    for (const { index, args } of offers) if (!this.#finish(index)) kernel(...args);
  }

  #state(index: number): number {
    return Atomics.load(this.#words, index * JOB_WORDS * 2);
  }

  #start(index: number): void {
    try {
      const workerData = { ...this.#data, slots: this.#slots, index };
      const worker = new Worker(this.#script, { workerData, execArgv: [], stdin: false });
      worker.unref();
      // Without it we go on as we are.
      worker.on("error", () => Atomics.store(this.#words, index * JOB_WORDS * 2, ABSENT));
    } catch {
      // No more threads to be had: the slot stays absent.
    }
  }

  #offer(index: number, job: Job): void {
    const at = index * JOB_WORDS * 2;
    writeJob(this.#slots, index, job);
    Atomics.store(this.#words, at, OFFERED);
    Atomics.notify(this.#words, at);
  }

  /** Waits for what runs; false where it had not begun and was withdrawn. */
  #finish(index: number): boolean {
    const at = index * JOB_WORDS * 2;
    if (Atomics.compareExchange(this.#words, at, OFFERED, IDLE) === OFFERED) return false;
    for (let i = 0; i < 2000 && this.#state(index) === RUNNING; i++);
    while (this.#state(index) === RUNNING) Atomics.wait(this.#words, at, RUNNING);
    return true;
  }
}
