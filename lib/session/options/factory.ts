import { configFolder, readKeys, readWorkersKey } from "../../channel/keys/keys";
import { TransportError } from "../../errors";
import { parseNatsAddress } from "../../preprocessing/factory/nats/address";
import type { FactoryOptions } from "../../preprocessing/factory/notebook/factory-producer";

/** Workers on other machines that make correlated randomness. */
export interface FactoryChoice {
  /**
   * The NATS server of this party's workers, such as `nats://host:4222` or `tls://host:4222`. The workers make large
   * batches of correlated randomness together with the other party's workers; everything else, and everything while no
   * worker is ready, is made in this process. Both parties must have workers, each its own. Semi-honest security with
   * oblivious transfer only. Default: the environment's SPDZ_FACTORY where it can be used; no workers otherwise.
   */
  readonly factory?: string;
}

/**
 * Choose the factory from the options and the environment.
 *
 * @returns undefined if there is none
 * @throws {RangeError} the address is invalid, or workers cannot make what the session needs
 * @throws {TransportError} `refused`: required keys are missing; the message says how to create them
 */
export function chooseFactory(
  { factory }: FactoryChoice,
  preprocessing: string,
  security: string,
): FactoryOptions | undefined {
  const possible = preprocessing === "ot" && security === "semi-honest";
  if (factory !== undefined && !possible)
    throw new RangeError(
      'factory needs security: "semi-honest" with oblivious transfer: workers cannot make items with MACs yet, and ' +
        "dealers and lattices need none",
    );
  const text = possible ? (factory ?? process.env["SPDZ_FACTORY"]) : undefined;
  if (!text) return undefined;
  const nats = parseNatsAddress(text, factory === undefined ? "SPDZ_FACTORY" : "factory");
  const keys = readKeys();
  const peerKey = readWorkersKey();
  if (keys && peerKey !== undefined) return { nats, identity: { keys, peerKey } };
  throw new TransportError(
    "refused",
    `the factory needs keys, but ${configFolder()} lacks this party's keys or its workers' public key. Run ` +
      "`spdzlab keygen` and `spdzlab pair --workers LINE` here, with the line that `spdzlab keygen --party workers` " +
      "printed at the workers.",
  );
}
