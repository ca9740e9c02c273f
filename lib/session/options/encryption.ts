import { type Address, chooseAddress } from "../../channel/address";
import type { Party } from "../../channel/channel";
import {
  configFolder,
  explainOldPairing,
  type Identity,
  readIdentity,
  readPeer,
} from "../../channel/keys/keys";
import { TransportError } from "../../errors";
import { host } from "../host/host";

/** How a party chooses between an encrypted and a plain connection. */
export interface EncryptionOptions {
  readonly bind?: string;
  readonly peer?: string;
  /**
   * Encrypt by CURVE and admit only the party whose public key `spdzlab pair` saved. Unless given, true for addresses
   * beyond this machine, and true wherever the environment names a folder of keys (SPDZ_CONFIG).
   */
  readonly encrypted?: boolean;
  /** Lets plain text go beyond this machine, where everybody on the way can read and change it. */
  readonly insecurePlaintext?: boolean;
}

/**
 * The keys to connect with; undefined for a plain connection.
 *
 * @throws {TransportError} `refused`: keys are needed and missing; the message says how to make them
 */
export function chooseIdentity(party: Party, options: EncryptionOptions): Identity | undefined {
  const address = chooseAddress(party, options);
  if (!keysWanted(address, options)) return undefined;
  const identity = readIdentity();
  if (identity) {
    if (readPeer()?.old) {
      const text = explainOldPairing("the other party", "spdzlab pair LINE");
      host().notify({ id: `spdzlab-pairing-${party}`, kind: "warning", text });
    }
    return identity;
  }
  throw new TransportError(
    "refused",
    `${address.text} takes an encrypted connection, and ${configFolder()} lacks this party's keys or the other's ` +
      "public one. Run `spdzlab keygen` and then `spdzlab pair` on both machines. (On a network where everybody may " +
      "read and change everything, insecurePlaintext: true goes without.)",
  );
}

/** Whether a connection to this address is to be encrypted. */
export function keysWanted(
  address: Address,
  { encrypted, insecurePlaintext }: Pick<EncryptionOptions, "encrypted" | "insecurePlaintext">,
): boolean {
  const named = process.env["SPDZ_CONFIG"] !== undefined && process.env["SPDZ_CONFIG"] !== "";
  return encrypted ?? ((!address.local && insecurePlaintext !== true) || named);
}
