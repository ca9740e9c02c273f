import { parseAddress } from "../../lib/channel/address";
import { dealCorrections } from "../../lib/preprocessing/dealer/dealing/request";
import { DealerServer } from "../../lib/preprocessing/dealer/desk/server";

/** A dealer in this process, without keys. It listens once `listen` is called. */
export function createDealer(): DealerServer {
  const address = parseAddress("tcp://127.0.0.1:*", "bind", true);
  // In one thread, short sessions follow each other faster than the dealer reads their goodbyes.
  return new DealerServer({ address, deal: dealCorrections, mostPairs: 10_000 });
}

/** The same, listening. */
export async function startDealer(): Promise<DealerServer> {
  const server = createDealer();
  await server.listen();
  return server;
}

/** True in the fast tier (`npm run test:fast`), which tests every operation in two modes instead of all. */
export const isFastTier = process.env.SPDZLAB_TIER === "fast";

/** How many times as many random cases to try: `SPDZLAB_RUNS=10 npm test -- lib/ops`. */
const MORE = Number(process.env.SPDZLAB_RUNS ?? 1);

/** Random cases of an operation in the clear. */
export const plainRuns = 20 * MORE;

/**
 * The modes in which to test each operation: all of them, or in the fast tier additive shares and shares with MACs,
 * both with a dealer, whose sessions start quickest. Modes that make correlated randomness slowly have fewer `runs`.
 *
 * @param server - its address is read when a test begins
 */
export function allModesWith(server: DealerServer) {
  const modes = everyModeWith(server);
  return isFastTier ? modes.filter(({ fast }) => fast) : modes;
}

/** The same without lattices, which only make triples in another way than oblivious transfer. */
export function modesWith(server: DealerServer) {
  return allModesWith(server).filter(({ preprocessing }) => preprocessing !== "lattice");
}

/** Malicious security with a dealer: shares with MACs, quickly. */
export function authenticatedModeWith(server: DealerServer) {
  return everyModeWith(server)[2];
}

function everyModeWith(server: DealerServer) {
  const dealt = <Security extends "semi-honest" | "malicious">(security: Security, runs: number) => ({
    security,
    fast: true,
    slow: false,
    runs: isFastTier ? Math.ceil(runs / 2) : runs * MORE,
    preprocessing: "dealer" as const,
    get dealer() {
      return server.address;
    },
  });
  return [
    {
      security: "semi-honest",
      preprocessing: "insecureFirstPartyDealer",
      fast: false,
      slow: false,
      runs: 20 * MORE,
    },
    dealt("semi-honest", 16),
    dealt("malicious", 10),
    { security: "semi-honest", preprocessing: "ot", fast: false, slow: false, runs: 3 * MORE },
    { security: "semi-honest", preprocessing: "lattice", fast: false, slow: true, runs: 1 },
    { security: "malicious", preprocessing: "ot", fast: false, slow: false, runs: 1 * MORE },
  ] as const;
}
