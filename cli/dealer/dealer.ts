/** `spdzlab dealer`: the third process that makes two parties' correlated randomness. */

import { parseAddress } from "../../lib/channel/address";
import {
  dealerFolder,
  parsePublicLine,
  publicLine,
  readKeys,
  readPartyKeys,
} from "../../lib/channel/keys/keys";
import { DealerGate } from "../../lib/preprocessing/dealer/desk/dealer-gate";
import { checkReach, mostConnections } from "../../lib/preprocessing/dealer/desk/server";
import { Supervisor } from "./dealer-supervisor";

export interface DealerCommandOptions {
  readonly bind?: string;
  /** The folder of the dealer's keys. */
  readonly keys?: string;
  /** Public lines of parties to serve, besides those that were paired. */
  readonly peerKey: readonly string[];
  readonly insecurePlaintext?: boolean;
}

export const DEFAULT_DEALER_ADDRESS = "tcp://127.0.0.1:29501";

/** How long a blocked event loop may delay the end of the process. */
const LEAVE_MS = 800;

/**
 * Serve until SIGTERM or SIGINT, and print which parties come and go.
 *
 * @throws {TransportError} the address cannot be used, or plain text would leave this machine
 */
export async function runDealer(options: DealerCommandOptions, print: (text: string) => void): Promise<void> {
  const bind = options.bind ?? (process.env["SPDZ_DEALER_BIND"] || DEFAULT_DEALER_ADDRESS);
  const address = parseAddress(bind, "bind", true);
  const folder = options.keys ?? dealerFolder();
  const keys = readKeys(folder);
  const admitted = [...readPartyKeys(folder), ...options.peerKey.map(parsePublicLine)];
  if (keys && admitted.length < 2) {
    throw new RangeError(
      `the dealer with the keys in ${folder} needs at least two parties to serve, got ${admitted.length}: add their ` +
        "lines with `spdzlab pair --party dealer LINE`, or give --peer-key twice",
    );
  }
  if (!keys && (options.keys !== undefined || options.peerKey.length > 0))
    throw new RangeError(`there are no keys in ${folder}: run \`spdzlab keygen --party dealer\` first`);
  checkReach({ address, insecurePlaintext: options.insecurePlaintext }, keys !== undefined);
  if (keys && new Set(admitted).size < 2)
    throw new RangeError(
      "the dealer needs at least two different public keys of parties, got the same key twice",
    );
  const supervisor = new Supervisor({
    folder: keys && folder,
    peerKeys: options.peerKey.map(parsePublicLine),
    print,
    onHeard: (id, known) => gate.heard(id, known),
    onLost: () => gate.closeConnections(),
  });
  const gate = new DealerGate(address, supervisor, mostConnections());
  await gate.listen();
  supervisor.start();
  print(`The dealer listens at ${gate.address}`);
  print(keys ? `Its public key: ${publicLine(keys.publicKey)}` : "Without keys: nothing here is encrypted.");
  if (keys) print(`It serves ${admitted.length} parties.`);
  print(
    "It is a helper trusted not to collude with either party: it sees no input, and it knows all randomness.",
  );
  await stopped();
  setTimeout(() => process.exit(), LEAVE_MS).unref();
  gate.close();
  await supervisor.close();
  gate.closeConnections();
  print("The dealer has stopped.");
  process.exit();
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
}
