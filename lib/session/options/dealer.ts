import { parseAddress } from "../../channel/address";
import {
  configFolder,
  type Identity,
  parsePublicLine,
  publicLine,
  readDealerKey,
  readKeys,
} from "../../channel/keys/keys";
import { checkTiming, type LinkOptions } from "../../channel/link/link-options";
import { TransportError } from "../../errors";
import type { DealerClientOptions } from "../../preprocessing/dealer/party/client";
import { WaitNotice } from "../lockstep/waiting";
import { keysWanted } from "./encryption";
import { chooseTimeout } from "./timeout";

/** Where the dealer is, and how a party recognises it. */
export interface DealerOptions {
  /**
   * The dealer's address with `preprocessing: "dealer"`, such as `tcp://host:29501`. Default: the environment's
   * SPDZ_DEALER.
   */
  readonly dealer?: string;
  /**
   * The dealer's public line, as printed by `spdzlab keygen --party dealer`. Default: the one saved by
   * `spdzlab pair --dealer`.
   */
  readonly dealerKey?: string;
}

/** How to reach a dealer, and the key by which the parties compare their dealers. */
export interface ChosenDealer {
  readonly client: DealerClientOptions;
  /** The dealer's public key; both parties must use the same. */
  readonly key: string;
  readonly notice: string;
}

type DealerChoice = DealerOptions &
  LinkOptions & { readonly encrypted?: boolean; readonly insecurePlaintext?: boolean };

/**
 * Choose the dealer from the options and the environment.
 *
 * @throws {TypeError | RangeError} the address is missing or invalid
 * @throws {TransportError} `refused`: required keys are missing; the message says how to create them
 */
export function chooseDealer(options: DealerChoice): ChosenDealer {
  const text = options.dealer ?? process.env["SPDZ_DEALER"];
  if (!text) {
    throw new RangeError(
      'preprocessing: "dealer" needs the dealer\'s address: set dealer: "tcp://host:29501", or SPDZ_DEALER in the ' +
        "environment. Start a dealer with `spdzlab dealer`.",
    );
  }
  const address = parseAddress(text, options.dealer === undefined ? "SPDZ_DEALER" : "dealer", false);
  const identity = keysWanted(address, options) ? requireIdentity(address.text, options) : undefined;
  const who = `the dealer at ${address.text}`;
  const waits = new WaitNotice(`spdzlab-wait-dealer-${address.text}`, who, () => undefined);
  const timing = checkTiming({ ...options, timeoutMs: chooseTimeout(options.timeoutMs) });
  const secure = identity ? "" : " The connection to it is not encrypted.";
  return {
    client: { address, identity, timing, onWait: (what) => waits.beginFor(what) },
    key: identity ? publicLine(identity.peerKey) : "without keys",
    notice:
      `Correlated randomness comes from ${who}: a helper trusted not to collude with either party. It sees no input; ` +
      `together with one party it could read everything.${secure}`,
  };
}

function requireIdentity(address: string, { dealerKey }: DealerOptions): Identity {
  const keys = readKeys();
  const peerKey = dealerKey === undefined ? readDealerKey() : parsePublicLine(dealerKey);
  if (keys && peerKey !== undefined) return { keys, peerKey };
  throw new TransportError(
    "refused",
    `the connection to the dealer at ${address} must be encrypted, but ${configFolder()} lacks this party's keys or the ` +
      "dealer's public key. Run `spdzlab keygen` and `spdzlab pair --dealer LINE` here, with the line that " +
      "`spdzlab keygen --party dealer` printed there.",
  );
}
