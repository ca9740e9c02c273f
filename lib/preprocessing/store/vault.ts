/** Seals files of saved values under the key of a store. They can be opened as long as the store lasts. */
export interface Vault {
  /** The identity of the two stores, the same at both parties and in all their sessions. */
  readonly id: string;
  /**
   * A fingerprint of this party's MAC key, the same in all sessions of the store. Keep it sealed: it says something about
   * the key.
   */
  readonly keyPrint: Uint8Array;
  /** @throws {SpdzError} the session has ended */
  seal(name: string, bytes: Uint8Array): Uint8Array;
  /** @throws {Error} the bytes were changed, or were not sealed under this key and name */
  open(name: string, sealed: Uint8Array): Uint8Array;
}
