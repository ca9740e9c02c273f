/**
 * Pass a job to another thread through a slot of shared memory. Messages would arrive only when the event loop turns,
 * and the engine works within one turn.
 *
 * A slot is JOB_WORDS words of 64 bits: first the state; then the kernel's number among the exports, the number of
 * arguments, and which of them are 64-bit integers; then the arguments.
 */

import type { WasmMemory, WasmModule } from "./webassembly";

/** States of a slot. Only its thread turns ABSENT and RUNNING into IDLE. An offer can be withdrawn until it runs. */
export const ABSENT = 0;
export const IDLE = 1;
export const OFFERED = 2;
export const RUNNING = 3;

export const JOB_WORDS = 16;
const FIRST_ARGUMENT = 3;

export type Argument = number | bigint;
export type Kernel = (...args: Argument[]) => unknown;

export interface Job {
  readonly kernel: number;
  readonly args: readonly Argument[];
}

export interface WorkerData {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly slots: SharedArrayBuffer;
  readonly index: number;
}

export function writeJob(slots: SharedArrayBuffer, index: number, { kernel, args }: Job): void {
  const start = index * JOB_WORDS * 8;
  const header = new Int32Array(slots, start + 8, 3);
  const doubles = new Float64Array(slots, start, JOB_WORDS);
  const words = new BigUint64Array(slots, start, JOB_WORDS);
  header[0] = kernel;
  header[1] = args.length;
  header[2] = 0;
  args.forEach((arg, i) => {
    if (typeof arg === "number") {
      doubles[FIRST_ARGUMENT + i] = arg;
    } else {
      words[FIRST_ARGUMENT + i] = arg;
      header[2]! |= 1 << i;
    }
  });
}

export function readJob(slots: SharedArrayBuffer, index: number): Job {
  const start = index * JOB_WORDS * 8;
  const [kernel, count, wide] = new Int32Array(slots, start + 8, 3);
  const doubles = new Float64Array(slots, start, JOB_WORDS);
  const words = new BigUint64Array(slots, start, JOB_WORDS);
  const args = Array.from({ length: count! }, (_, i) =>
    (wide! >> i) & 1 ? words[FIRST_ARGUMENT + i]! : doubles[FIRST_ARGUMENT + i]!,
  );
  return { kernel: kernel!, args };
}
