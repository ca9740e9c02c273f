import { resolve } from "node:path";
import type { Party, Settings } from "../../channel/channel";
import { AUTHENTICATED, PLAIN } from "../../preprocessing/kinds/raw";
import { FileKeeper } from "../../preprocessing/store/file-keeper";
import type { StoreSecret } from "../../preprocessing/store/store-seal";
import { host } from "../host/host";
import { chooseIdentity, type EncryptionOptions } from "./encryption";

/** Where a party keeps correlated randomness that is left for its next session. */
export interface StoreOptions {
  /**
   * A folder for what is made and not used, sealed, so that it survives a restart; else the environment's SPDZ_STORE.
   * Each party has its own, and nothing is kept unless both have one. Never put a copy of it back.
   */
  readonly store?: string;
  /**
   * What the store is sealed with. An encrypted session needs none, since this party's key serves; else it is given
   * here or by SPDZ_STORE_PASSPHRASE.
   */
  readonly storePassphrase?: string;
}

type Options = StoreOptions & EncryptionOptions & { readonly channel?: unknown };

/**
 * The store that the options and the environment name.
 *
 * @returns opens it; undefined without one
 * @throws {RangeError} there is nothing to seal it with
 */
export function chooseStore(
  party: Party,
  options: Options,
  chosen: Settings,
): (() => FileKeeper) | undefined {
  // Both parties of a simulation have one environment.
  const path = options.store ?? (options.channel ? undefined : process.env["SPDZ_STORE"]);
  if (!path) return undefined;
  const secret = chooseSecret(party, path, options);
  const layout = chosen["security"] === "malicious" ? AUTHENTICATED : PLAIN;
  const settings = describe(chosen);
  const onNotice = (text: string) => host().notify({ id: `spdzlab-store-${party}`, kind: "warning", text });
  return () => new FileKeeper({ path: resolve(path), secret, party, settings, onNotice }, layout);
}

/** What a store is good for: a session of the same kind, and with the same dealer, who knows what is in it. */
function describe({ security, preprocessing, "the dealer's key": dealer }: Settings): string {
  if (dealer === undefined) return `security "${security}" and preprocessing "${preprocessing}"`;
  return `security "${security}", preprocessing "${preprocessing}" and the dealer's key "${dealer}"`;
}

function chooseSecret(party: Party, path: string, options: Options): StoreSecret {
  if (options.storePassphrase) return { from: "passphrase", passphrase: options.storePassphrase };
  const identity = options.channel ? undefined : chooseIdentity(party, options);
  if (identity) return { from: "curve", secretKey: identity.keys.revealSecretKey() };
  const passphrase = process.env["SPDZ_STORE_PASSPHRASE"];
  if (passphrase) return { from: "passphrase", passphrase };
  throw new RangeError(
    `the store ${path} is sealed, and a session without encryption has no key for it: give storePassphrase, or ` +
      "SPDZ_STORE_PASSPHRASE in the environment, or make keys and set encrypted: true",
  );
}
