/** Check Node, WebAssembly with SIMD, and threads with shared memory. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../../kernel/package";
import { webAssembly } from "../../lib/ring/wasm/webassembly";
import { type Check, failure, ok, warning } from "./finding";

/** How long a thread may take to answer, in milliseconds. */
const PATIENCE = 20_000;

export const node: Check = {
  name: "Node",
  run() {
    const { engines } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
    const oldest = Number(/\d+/.exec(engines.node)![0]);
    const found = `${process.version}, ${process.execPath}`;
    if (Number.parseInt(process.versions.node, 10) >= oldest) return ok(found);
    return failure(`${found} is too old.`, `Install Node ${oldest} or newer: https://nodejs.org/en/download`);
  },
};

export const simd: Check = {
  name: "WASM SIMD",
  run() {
    const bytes = readModule("ring.wasm");
    if (bytes === undefined) return notBuilt("ring.wasm");
    if (webAssembly?.validate(bytes)) return ok("This Node accepts the ring engine's code.");
    return failure(
      webAssembly
        ? "This Node does not accept WebAssembly with SIMD."
        : "This Node runs without WebAssembly.",
      "Use Node from nodejs.org on a processor of the last ten years, and do not start it with --jitless.",
    );
  },
};

export const sharedMemory: Check = {
  name: "Threads",
  async run() {
    const bytes = readModule("ring-shared.wasm");
    if (bytes === undefined) return notBuilt("ring-shared.wasm");
    const slower = "Everything works, but large products use one core only.";
    if (typeof SharedArrayBuffer === "undefined" || !webAssembly?.validate(bytes)) {
      return warning("This Node has no shared memory.", `${slower} Node from nodejs.org has it.`);
    }
    if (!(await threadWrites())) {
      return warning(
        "A new thread does not answer.",
        `${slower} Check whether the number of processes is limited.`,
      );
    }
    const { threads } = require("../../lib/ring/wasm/team") as typeof import("../../lib/ring/wasm/team");
    return ok(`Shared memory works; large operations use ${threads()} thread(s).`);
  },
};

/** Return whether a new thread can write to this thread's memory. */
async function threadWrites(): Promise<boolean> {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const code = "const { workerData } = require('node:worker_threads'); Atomics.store(workerData, 0, 1);";
  const worker = new Worker(code, { eval: true, workerData: words });
  const late = new AbortController();
  await Promise.race([
    new Promise((resolve) => worker.once("exit", resolve).once("error", resolve)),
    pause(PATIENCE, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  await worker.terminate();
  return Atomics.load(words, 0) === 1;
}

function readModule(file: string): Uint8Array | undefined {
  const path = join(packageRoot, "dist/lib/ring/wasm", file);
  return existsSync(path) ? readFileSync(path) : undefined;
}

function notBuilt(file: string) {
  return failure(
    `${file} is missing from the package.`,
    "Install spdzlab again. In a checkout, run npm run build.",
  );
}
