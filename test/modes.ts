import { parseAddress } from "../lib/channel/address";
import { dealCorrections } from "../lib/preprocessing/dealer/dealt";
import { DealerServer } from "../lib/preprocessing/dealer/server";

/** A dealer in this process, without keys. */
export function startDealer(): DealerServer {
  const address = parseAddress("tcp://127.0.0.1:*", "bind", true);
  // Short sessions follow each other faster than it hears goodbyes, where all of them run in one thread.
  const server = new DealerServer({ address, deal: dealCorrections, mostPairs: 10_000 });
  server.listen();
  return server;
}

/**
 * Every mode, for tests that hold each operation to the same in all of them; where making correlated randomness takes
 * long, with fewer cases.
 *
 * @param dealer - its address
 */
export const modesWith = (dealer: string) =>
  [
    { security: "semi-honest", preprocessing: "insecureFirstPartyDealer", runs: 60 },
    { security: "semi-honest", preprocessing: "dealer", dealer, runs: 30 },
    { security: "malicious", preprocessing: "dealer", dealer, runs: 15 },
    { security: "semi-honest", preprocessing: "ot", runs: 3 },
    { security: "malicious", preprocessing: "ot", runs: 2 },
  ] as const;
