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

/** The choice between an encrypted and a plaintext connection. */
export interface EncryptionOptions {
  readonly bind?: string;
  readonly peer?: string;
  /**
   * Encrypt with CURVE and admit only the party whose public key was saved by `spdzlab pair`. Default: true for addresses
   * beyond this machine, and true if the environment names a folder of keys (SPDZ_CONFIG).
   */
  readonly encrypted?: boolean;
  /** Allow plaintext beyond this machine, where anyone on the network path can read and change it. Default: false. */
  readonly insecurePlaintext?: boolean;
}

/**
 * Choose the keys to connect with; undefined for a plaintext connection.
 *
 * @throws {TransportError} `refused`: required keys are missing; the message says how to create them
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
    `the connection to ${address.text} must be encrypted, but ${configFolder()} lacks this party's keys or the other's ` +
      "public key. Run `spdzlab keygen` and then `spdzlab pair` on both machines. (insecurePlaintext: true " +
      "connects without encryption; anyone on the network path can then read and change everything.)",
  );
}

/** Return whether a connection to this address must be encrypted. */
export function keysWanted(
  address: Address,
  { encrypted, insecurePlaintext }: Pick<EncryptionOptions, "encrypted" | "insecurePlaintext">,
): boolean {
  const named = process.env["SPDZ_CONFIG"] !== undefined && process.env["SPDZ_CONFIG"] !== "";
  return encrypted ?? ((!address.local && insecurePlaintext !== true) || named);
}
