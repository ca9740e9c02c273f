import { resolve } from "node:path";
import type { Party, Settings } from "../../channel/channel";
import { AUTHENTICATED, PLAIN } from "../../preprocessing/kinds/raw";
import { FileKeeper } from "../../preprocessing/store/file-keeper";
import type { StoreSecret } from "../../preprocessing/store/store-seal";
import { host } from "../host/host";
import { chooseIdentity, type EncryptionOptions } from "./encryption";

/** Where a party keeps unused correlated randomness for its next session. */
export interface StoreOptions {
  /**
   * A folder for correlated randomness that is made but not used, sealed, so that it survives a restart. Default: the
   * environment's SPDZ_STORE. Each party has its own folder, and nothing is kept unless both have one. Never restore it
   * from a backup.
   */
  readonly store?: string;
  /**
   * The passphrase that seals the store. Default: the environment's SPDZ_STORE_PASSPHRASE. An encrypted session needs
   * none, because it seals the store with this party's key.
   */
  readonly storePassphrase?: string;
}

type StoreChoice = StoreOptions & EncryptionOptions & { readonly channel?: unknown };

/**
 * Choose the store from the options and the environment.
 *
 * @returns a function that opens it; undefined without a store
 * @throws {RangeError} there is neither a passphrase nor a key to seal it with
 */
export function chooseStore(
  party: Party,
  options: StoreChoice,
  chosen: Settings,
): (() => FileKeeper) | undefined {
  // Both parties of a simulation share one environment, so ignore it there.
  const path = options.store ?? (options.channel ? undefined : process.env["SPDZ_STORE"]);
  if (!path) return undefined;
  const secret = chooseSecret(party, path, options);
  const layout = chosen["security"] === "malicious" ? AUTHENTICATED : PLAIN;
  const settings = describe(chosen);
  const onNotice = (text: string) => host().notify({ id: `spdzlab-store-${party}`, kind: "warning", text });
  return () => new FileKeeper({ path: resolve(path), secret, party, settings, onNotice }, layout);
}

/**
 * Describe the sessions that can use the store: those with the same settings and the same dealer, which knows the
 * store's content.
 */
function describe({ security, preprocessing, "the dealer's key": dealer }: Settings): string {
  if (dealer === undefined) return `security "${security}" and preprocessing "${preprocessing}"`;
  return `security "${security}", preprocessing "${preprocessing}" and the dealer's key "${dealer}"`;
}

function chooseSecret(party: Party, path: string, options: StoreChoice): StoreSecret {
  if (options.storePassphrase) return { from: "passphrase", passphrase: options.storePassphrase };
  const identity = options.channel ? undefined : chooseIdentity(party, options);
  if (identity) return { from: "curve", secretKey: identity.keys.revealSecretKey() };
  const passphrase = process.env["SPDZ_STORE_PASSPHRASE"];
  if (passphrase) return { from: "passphrase", passphrase };
  throw new RangeError(
    `the store ${path} needs a passphrase, because a session without encryption has no key to seal it: set storePassphrase, ` +
      "or SPDZ_STORE_PASSPHRASE in the environment, or create keys and set encrypted: true",
  );
}
