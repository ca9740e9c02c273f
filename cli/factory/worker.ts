/** `spdzlab worker`: one of an organisation's processes that make correlated randomness. */

import { createServer } from "node:http";
import { readIdentity, workersFolder } from "../../lib/channel/keys/keys";
import { parseNatsAddress } from "../../lib/preprocessing/factory/nats/address";
import { FactoryWorker, type WorkerEvent } from "../../lib/preprocessing/factory/worker/worker";
import { metricsOf } from "./metrics";

export interface WorkerCommandOptions {
  readonly nats?: string;
  readonly keys?: string;
  readonly bind?: string;
  readonly advertise?: string;
  readonly ports?: string;
  readonly metrics?: number;
  readonly metricsHost?: string;
}

export const DEFAULT_NATS = "nats://127.0.0.1:4222";
const DEFAULT_PORTS = "29600-29699";

/**
 * Serve until SIGTERM or SIGINT: finish the run in progress, then leave. Each event is one line of JSON.
 *
 * @throws {RangeError} an option is invalid, or there are no keys
 */
export async function runWorker(options: WorkerCommandOptions, print: (text: string) => void): Promise<void> {
  const folder = options.keys ?? workersFolder();
  const identity = readIdentity(folder);
  if (!identity)
    throw new RangeError(
      `${folder} lacks the workers' keys or their notebook's public key: run \`spdzlab keygen --party workers\` and ` +
        "`spdzlab pair --party workers LINE`",
    );
  const bind = options.bind ?? "127.0.0.1";
  const worker = new FactoryWorker({
    nats: parseNatsAddress(options.nats ?? (process.env["SPDZ_NATS"] || DEFAULT_NATS), "--nats"),
    identity,
    bind,
    advertise: options.advertise ?? (process.env["SPDZ_ADVERTISE"] || bind),
    ports: parsePorts(options.ports ?? DEFAULT_PORTS),
    onEvent: (event: WorkerEvent) => print(JSON.stringify({ at: new Date().toISOString(), ...event })),
  });
  const stopped = signalled();
  if (options.metrics !== undefined) {
    const server = createServer((request, response) => {
      const found = request.url === "/metrics";
      response.writeHead(found ? 200 : 404, { "content-type": "text/plain; version=0.0.4" });
      response.end(found ? metricsOf(worker.state, worker.counters) : "");
    });
    server.listen(options.metrics, options.metricsHost ?? "127.0.0.1");
  }
  await Promise.race([worker.start(), stopped]);
  await stopped;
  await worker.stop();
}

/** @throws {RangeError} it is no range of ports */
export function parsePorts(text: string): [number, number] {
  const parts = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [first, last] = [Number(parts?.[1]), Number(parts?.[2])];
  if (first >= 1 && last <= 65535 && first <= last) return [first, last];
  throw new RangeError(`--ports must be a range like ${DEFAULT_PORTS}, got ${JSON.stringify(text)}`);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
}
