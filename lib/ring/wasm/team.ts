/**
 * Threads that share the engine's memory: one for each further core, started at the first large job.
 *
 * The calling thread never waits for a thread that is not up, or that the system has not scheduled yet: it withdraws
 * a job that no thread has begun and does it itself. Threads do not keep the process alive.
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

/** The most threads. More would wait for memory and for each other. */
const MOST = 16;

/** Read SPDZLAB_THREADS. Default: one thread for each core. */
function defaultThreads(): number {
  const asked = Number(process.env.SPDZLAB_THREADS || Number.NaN);
  return Number.isInteger(asked) && asked >= 1 ? asked : availableParallelism();
}

/** Whether to make memory shared, so that threads can be turned on later: wherever possible, unless turned off. */
export function canShare(): boolean {
  return typeof SharedArrayBuffer !== "undefined" && process.env.SPDZLAB_THREADS !== "1";
}

let wanted: number | undefined;

/** Return the number of threads for large work, this one included; 1 where memory cannot be shared. */
export function threads(): number {
  if (typeof SharedArrayBuffer === "undefined") return 1;
  wanted ??= Math.min(defaultThreads(), MOST);
  return wanted;
}

/**
 * Set how many threads large work may use, this one included. 1 turns threads off.
 *
 * @throws {RangeError} `count` is not an integer from 1
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`threads must be an integer from 1, got ${count}`);
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

  /** Start missing threads, then return how many are up and free, this one included. */
  size(): number {
    const others = threads() - 1;
    while (this.#started < others) this.#start(this.#started++);
    let up = 1;
    for (let i = 0; i < others; i++) if (this.#state(i) === IDLE) up++;
    return up;
  }

  /** Call the kernel once for each list of arguments, the last on this thread. Return when all calls are done. */
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
      // If this fails, continue without the thread.
      worker.on("error", () => Atomics.store(this.#words, index * JOB_WORDS * 2, ABSENT));
    } catch {
      // The system gives no more threads: leave the slot absent.
    }
  }

  #offer(index: number, job: Job): void {
    const at = index * JOB_WORDS * 2;
    writeJob(this.#slots, index, job);
    Atomics.store(this.#words, at, OFFERED);
    Atomics.notify(this.#words, at);
  }

  /** Wait for a job that runs. Return false if it had not begun and was withdrawn. */
  #finish(index: number): boolean {
    const at = index * JOB_WORDS * 2;
    if (Atomics.compareExchange(this.#words, at, OFFERED, IDLE) === OFFERED) return false;
    for (let i = 0; i < 2000 && this.#state(index) === RUNNING; i++);
    while (this.#state(index) === RUNNING) Atomics.wait(this.#words, at, RUNNING);
    return true;
  }
}
