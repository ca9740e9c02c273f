import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { DealRequest } from "../wire/messages";
import type { Deal, DealingJob, DealingStep } from "./dealing-job";
import { checkBatch } from "./request";

/** To the thread that deals: begin a job, run its next step, or close it. */
export type ToDealing =
  | {
      readonly type: "begin";
      readonly job: number;
      readonly request: DealRequest;
      readonly seeds: readonly [Uint8Array, Uint8Array];
      readonly authenticated: boolean;
    }
  | { readonly type: "step" | "close"; readonly job: number };

/** From it: the result of a step. Steps end in the order in which they were requested. */
export type FromDealing = DealingStep | { readonly failed: string };

/** Find the built script: beside this file in dist/, even when the tests run from source. */
function locate(): string {
  const file = "dealing-worker.js";
  const places = [
    join(__dirname, file),
    join(__dirname, "../../../../dist/lib/preprocessing/dealer/dealing", file),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  return found;
}

interface Waiting {
  resolve(step: DealingStep): void;
  reject(error: Error): void;
}

/** Deals in a thread of its own, so that the thread with the sockets stays free. Starts a new one when it ends. */
export class DealingThread {
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];
  #next = 1;

  /** @param script - for tests. Default: the built worker. */
  constructor(readonly script = locate()) {}

  readonly deal: Deal = (request, seeds, authenticated) => {
    const { size } = checkBatch(request, authenticated);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const job = this.#next++;
    this.#post(worker, { type: "begin", job, request, seeds, authenticated });
    // The worker has a copy.
    for (const seed of seeds) seed.fill(0);
    const thread: DealingJob = {
      size,
      step: () =>
        new Promise((resolve, reject) => {
          if (worker !== this.#worker) return reject(new Error("the thread that deals has ended"));
          this.#waiting.push({ resolve, reject });
          this.#post(worker, { type: "step", job });
        }),
      close: () => worker === this.#worker && this.#post(worker, { type: "close", job }),
    };
    return thread;
  };

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.script, { execArgv: [], stdin: false });
    worker.unref();
    worker.on("message", (message: FromDealing) => {
      const waiting = this.#waiting.shift();
      if ("failed" in message) waiting?.reject(new Error(message.failed));
      else waiting?.resolve(message);
    });
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      const error = new Error("the thread that deals has ended");
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    return worker;
  }

  #post(worker: Worker, message: ToDealing): void {
    worker.postMessage(message);
  }
}
