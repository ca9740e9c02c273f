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

/** Where the dealer is, and how a party knows it. */
export interface DealerOptions {
  /** With `preprocessing: "dealer"`: where it is, `tcp://host:29501`; else the environment's SPDZ_DEALER. */
  readonly dealer?: string;
  /**
   * The dealer's public line, as `spdzlab keygen --party dealer` printed it; else the one that
   * `spdzlab pair --dealer` saved.
   */
  readonly dealerKey?: string;
}

/** How to reach a dealer, and what the parties compare of it. */
export interface ChosenDealer {
  readonly client: DealerClientOptions;
  /** The dealer's public key, which both parties must name alike. */
  readonly key: string;
  readonly notice: string;
}

type Options = DealerOptions &
  LinkOptions & { readonly encrypted?: boolean; readonly insecurePlaintext?: boolean };

/**
 * The dealer that the options and the environment name.
 *
 * @throws {TypeError | RangeError} the address is missing or is none
 * @throws {TransportError} `refused`: keys are needed and missing; the message says how to make them
 */
export function chooseDealer(options: Options): ChosenDealer {
  const text = options.dealer ?? process.env["SPDZ_DEALER"];
  if (!text) {
    throw new RangeError(
      'preprocessing: "dealer" needs to know where the dealer is: dealer: "tcp://host:29501", or SPDZ_DEALER in the ' +
        "environment. Start one with `spdzlab dealer`.",
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
    `the dealer at ${address} takes an encrypted connection, and ${configFolder()} lacks this party's keys or the ` +
      "dealer's public one. Run `spdzlab keygen` and `spdzlab pair --dealer LINE` here, with the line that " +
      "`spdzlab keygen --party dealer` printed there.",
  );
}
