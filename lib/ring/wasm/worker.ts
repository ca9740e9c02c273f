/** A thread of the team: it runs the engine's module on the same memory and waits for jobs. */

import { workerData } from "node:worker_threads";
import { IDLE, JOB_WORDS, type Kernel, OFFERED, RUNNING, readJob, type WorkerData } from "./job";
import { webAssembly } from "./webassembly";

/** How often a thread polls its slot before it sleeps: a few microseconds, in case the next job follows at once. */
const PATIENCE = 2000;

const { module: code, memory, slots, index } = workerData as WorkerData;
const kernels = Object.values(
  new webAssembly!.Instance(code, { env: { memory } }).exports,
) as readonly Kernel[];
const state = new Int32Array(slots, index * JOB_WORDS * 8, 1);

Atomics.store(state, 0, IDLE);
for (;;) {
  for (let i = 0; i < PATIENCE && Atomics.load(state, 0) !== OFFERED; i++);
  if (Atomics.compareExchange(state, 0, OFFERED, RUNNING) === OFFERED) {
    const { kernel, args } = readJob(slots, index);
    kernels[kernel]!(...args);
    Atomics.store(state, 0, IDLE);
    Atomics.notify(state, 0);
  } else {
    Atomics.wait(state, 0, IDLE);
  }
}
