/** `spdzlab dealer`: the third process that makes two parties' correlated randomness. */

import { parseAddress } from "../lib/channel/address";
import { dealerFolder, parsePublicLine, publicLine, readKeys, readPartyKeys } from "../lib/channel/keys";
import { dealCorrections } from "../lib/preprocessing/dealer/dealt";
import type { Pair } from "../lib/preprocessing/dealer/pairs";
import { type DealerEvent, DealerServer } from "../lib/preprocessing/dealer/server";

export interface DealerOptions {
  readonly bind?: string;
  /** The folder of the dealer's keys. */
  readonly keys?: string;
  /** Public lines of parties to serve, besides those that were paired. */
  readonly peerKey: readonly string[];
  readonly insecurePlaintext?: boolean;
}

export const DEFAULT_DEALER_ADDRESS = "tcp://127.0.0.1:29501";

/** A loop that is stopped must not keep the process longer than this. */
const LEAVE_MS = 800;

/**
 * Serves until SIGTERM or SIGINT; prints who comes and goes.
 *
 * @throws {TransportError} the address cannot be used, or plain text would leave this machine
 */
export async function runDealer(options: DealerOptions, print: (text: string) => void): Promise<void> {
  const bind = options.bind ?? (process.env["SPDZ_DEALER_BIND"] || DEFAULT_DEALER_ADDRESS);
  const address = parseAddress(bind, "bind", true);
  const folder = options.keys ?? dealerFolder();
  const keys = readKeys(folder);
  const admitted = [...readPartyKeys(folder), ...options.peerKey.map(parsePublicLine)];
  if (keys && admitted.length < 2) {
    throw new RangeError(
      `there are keys in ${folder}, but fewer than two parties to serve: take their lines in with ` +
        "`spdzlab pair --party dealer LINE`, or give --peer-key twice",
    );
  }
  if (!keys && (options.keys !== undefined || options.peerKey.length > 0))
    throw new RangeError(`there are no keys in ${folder}: run \`spdzlab keygen --party dealer\` first`);
  const server = new DealerServer({
    address,
    identity: keys && { keys, admitted },
    insecurePlaintext: options.insecurePlaintext,
    deal: dealCorrections,
    onEvent: log(print),
  });
  await server.listen();
  print(`The dealer listens at ${server.address}`);
  print(keys ? `Its public key: ${publicLine(keys.publicKey)}` : "Without keys: nothing here is encrypted.");
  if (keys) print(`It serves ${admitted.length} parties.`);
  print(
    "It is a helper trusted not to collude with either party: it sees no input, and knows all randomness.",
  );
  await stopped();
  setTimeout(() => process.exit(), LEAVE_MS).unref();
  await server.close();
  print("The dealer has stopped.");
  process.exit();
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
}

/** One line an event; strangers, who may be many, once a second at most. */
function log(print: (text: string) => void): (event: DealerEvent) => void {
  let strangers = 0;
  let told = 0;
  return (event) => {
    switch (event.type) {
      case "waiting":
        print(
          `pair ${event.pair.name}: party ${event.member.party} is here, party ${1 - event.member.party} not yet`,
        );
        break;
      case "paired":
        print(
          `pair ${event.pair.name}: ${event.pair.met ? "both are back" : `joined, ${describe(event.pair)}`}`,
        );
        break;
      case "parted":
        print(`pair ${event.pair.name}: party ${event.member.party} left`);
        break;
      case "left":
        print(`pair ${event.pair.name}: both left, dealt ${dealt(event.pair)}`);
        break;
      case "refused":
        print(`refused: ${event.why}`);
        break;
      case "stranger": {
        strangers++;
        if (performance.now() - told < 1000 && told > 0) break;
        told = performance.now();
        print(`refused: somebody without a key that is served (${strangers} so far)`);
      }
    }
  };
}

function describe({ authenticated, members }: Pair): string {
  const keys = members.flatMap((member) => (member?.key ? [publicLine(member.key)] : []));
  const who = keys.length > 0 ? keys.join(" and ") : "without keys";
  return `${authenticated ? "malicious" : "semi-honest"}: ${who}`;
}

function dealt({ dealt }: Pair): string {
  const counts = [...dealt].map(([kind, count]) => `${count.toLocaleString("en")} ${kind}`);
  return counts.join(", ") || "nothing";
}
