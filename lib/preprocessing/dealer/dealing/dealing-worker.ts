/** The thread that deals. It holds a pair's seeds only while it works on a request of that pair, and has no socket. */

import { type MessagePort, parentPort } from "node:worker_threads";
import { AUTHENTICATED, PLAIN } from "../../kinds/raw";
import { dealInPieces } from "./deal";
import type { FromDealing, ToDealing } from "./dealing-thread";
import { checkRequest } from "./request";

const port = parentPort as MessagePort;

interface Running {
  readonly pieces: Iterator<Uint8Array | undefined, void>;
  readonly seeds: readonly [Uint8Array, Uint8Array];
}

const jobs = new Map<number, Running>();

port.on("message", (message: ToDealing) => {
  switch (message.type) {
    case "begin": {
      const { job, request, seeds, authenticated } = message;
      const layout = authenticated ? AUTHENTICATED : PLAIN;
      jobs.set(job, { seeds, pieces: dealInPieces(checkRequest(request, layout), { layout, seeds }) });
      break;
    }
    case "step":
      step(message.job);
      break;
    case "close": {
      const running = jobs.get(message.job);
      running?.pieces.return?.();
      for (const seed of running?.seeds ?? []) seed.fill(0);
      jobs.delete(message.job);
    }
  }
});

function step(job: number): void {
  const start = performance.now();
  try {
    const bytes = jobs.get(job)?.pieces.next().value ?? undefined;
    const whole = bytes && bytes.length === bytes.buffer.byteLength ? bytes : bytes?.slice();
    const answer: FromDealing = { bytes: whole, ms: performance.now() - start };
    port.postMessage(answer, whole ? [whole.buffer as ArrayBuffer] : []);
  } catch (error) {
    port.postMessage({ failed: (error as Error).message } satisfies FromDealing);
  }
}
