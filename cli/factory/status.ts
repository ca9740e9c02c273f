/** `spdzlab factory status`: what an organisation's NATS knows about its workers and jobs. */

import {
  type Identity,
  readIdentity,
  readKeys,
  readWorkersKey,
  workersFolder,
} from "../../lib/channel/keys/keys";
import { parseNatsAddress } from "../../lib/preprocessing/factory/nats/address";
import { connectNats } from "../../lib/preprocessing/factory/nats/connect";
import { ensureStreams } from "../../lib/preprocessing/factory/nats/streams";
import { HELLO, JOBS, RESULTS } from "../../lib/preprocessing/factory/nats/subjects";
import { type Hello, readHello } from "../../lib/preprocessing/factory/wire/messages";
import { FleetSeal } from "../../lib/preprocessing/factory/wire/seal";
import { formatBytes } from "../../lib/text/figures";
import { DEFAULT_NATS } from "./worker";

/** A little longer than workers take from one hello to the next. */
const LISTEN_MS = 2500;

/**
 * Listen to the workers for a moment.
 *
 * @throws {RangeError} there are no keys to tell this organisation's workers from others
 */
export async function factoryStatus(options: { nats?: string; json?: boolean }): Promise<string> {
  const text = options.nats ?? (process.env["SPDZ_NATS"] || process.env["SPDZ_FACTORY"] || DEFAULT_NATS);
  const seal = new FleetSeal(requireIdentity());
  const nats = await connectNats(parseNatsAddress(text, "--nats"), "spdzlab factory status", false);
  const workers = new Map<string, Hello>();
  nats.subscribe(HELLO, {
    callback: (_, { data }) => {
      const hello = readHello(seal.verify("hello", data) ?? "");
      if (hello) workers.set(hello.id, hello);
    },
  });
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  const manager = await ensureStreams(nats);
  const [jobs, results] = await Promise.all([JOBS, RESULTS].map((name) => manager.streams.info(name)));
  await nats.close();
  const queue = { jobs: jobs!.state.messages, results: results!.state.messages, bytes: results!.state.bytes };
  const fleet = [...workers.values()].map(({ id, state, pair, figures }) => ({
    id,
    state,
    pair,
    ...figures,
  }));
  if (options.json) return JSON.stringify({ workers: fleet, queue });
  return [
    `${fleet.length} workers; ${queue.jobs} jobs in the queue, ${queue.results} results waiting (${formatBytes(queue.bytes)})`,
    ...fleet.map(({ id, state, pair, jobs, items, seconds, lost }) => {
      const rate =
        seconds > 0 ? `, ${Math.round(items / seconds).toLocaleString("en")} items a second of work` : "";
      const with_ = pair === undefined ? "" : ` in pair ${pair}`;
      return `${id}: ${state}${with_}, ${jobs} jobs, ${items.toLocaleString("en")} items${rate}, ${lost} runs lost`;
    }),
  ].join("\n");
}

/** The notebook's keys, or the workers'; both can read a hello. */
function requireIdentity(): Identity {
  const keys = readKeys();
  const peerKey = readWorkersKey();
  const identity = keys && peerKey !== undefined ? { keys, peerKey } : readIdentity(workersFolder());
  if (identity) return identity;
  throw new RangeError("there are no keys here: run this at the notebook, or where the workers' keys are");
}
