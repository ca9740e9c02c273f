import { parseAddress } from "../../lib/channel/address";
import { dealCorrections } from "../../lib/preprocessing/dealer/dealing/request";
import { DealerServer } from "../../lib/preprocessing/dealer/desk/server";

/** A dealer in this process, without keys; it listens once it is told to. */
export function createDealer(): DealerServer {
  const address = parseAddress("tcp://127.0.0.1:*", "bind", true);
  // Short sessions follow each other faster than it hears goodbyes, where all of them run in one thread.
  return new DealerServer({ address, deal: dealCorrections, mostPairs: 10_000 });
}

/** The same, listening. */
export async function startDealer(): Promise<DealerServer> {
  const server = createDealer();
  await server.listen();
  return server;
}

/**
 * Every mode, for tests that hold each operation to the same in all of them; where making correlated randomness takes
 * long, with fewer cases.
 *
 * @param server - whose address is known when a test begins
 */
export function modesWith(server: DealerServer) {
  const dealt = (security: "semi-honest" | "malicious", runs: number) => ({
    security,
    preprocessing: "dealer" as const,
    get dealer() {
      return server.address;
    },
    runs,
  });
  return [
    { security: "semi-honest", preprocessing: "insecureFirstPartyDealer", runs: 60 },
    dealt("semi-honest", 30),
    dealt("malicious", 15),
    { security: "semi-honest", preprocessing: "ot", runs: 3 },
    { security: "malicious", preprocessing: "ot", runs: 2 },
  ] as const;
}
