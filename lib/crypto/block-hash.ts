import { createCipheriv, createHash } from "node:crypto";

/** AES-128 in ECB under a public key: it stands in for a random permutation. */
export class FixedKeyCipher {
  readonly #cipher;

  /** @param key - 16 bytes, or the label of a key that is always the same */
  constructor(key: string | Uint8Array) {
    const bytes =
      typeof key === "string"
        ? createHash("sha256").update(`spdzlab/fixed key/${key}`).digest().subarray(0, 16)
        : key;
    this.#cipher = createCipheriv("aes-128-ecb", bytes, null);
    this.#cipher.setAutoPadding(false);
  }

  /** The permutation of every 16 bytes. */
  permute(blocks: Uint8Array): Uint8Array {
    return this.#cipher.update(blocks);
  }
}
