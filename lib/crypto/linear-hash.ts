import { createCipheriv } from "node:crypto";

/** Bytes of a hash. */
export const LINEAR_HASH_BYTES = 16;

const nonce = new Uint8Array(12);

/**
 * A universal hash that is linear over GF(2): for inputs of one length, the hash of x ⊕ y is the hash of x ⊕ that of y.
 *
 * It is the polynomial in the input's blocks that AES-GCM makes its tags of: the tag of x as additional data, and the
 * tag of as many zeros taken away, which leaves no constant. Draw the key when the inputs are fixed; it may be public
 * from then on. Two different inputs of n blocks of 16 bytes then agree with probability at most n / 2^128: their
 * difference is a polynomial of degree n, which has no more roots, 0 among them.
 *
 * That counts for a uniform point. The point here is H = AES_K(0) for a uniform K, so one assumption is made: that this
 * one block cannot be told from a uniform one (AES as a pseudo-random permutation, one query). Whether given inputs
 * agree is a test of H alone, so it comes out alike but for that. K is shown only when nothing depends on it any more.
 *
 * Source: McGrew and Viega, "The security and performance of the Galois/Counter Mode of operation", 2004 (GHASH).
 */
export class LinearHash {
  readonly #key: Uint8Array;
  /** Tags of zeros, by their number. */
  readonly #constants = new Map<number, Uint8Array>();

  /** @param key - 16 public random bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The hash of a multiple of 16 bytes. */
  hash(bytes: Uint8Array): Uint8Array {
    let constant = this.#constants.get(bytes.length);
    if (!constant) {
      constant = this.#tag(new Uint8Array(bytes.length));
      this.#constants.set(bytes.length, constant);
    }
    const tag = this.#tag(bytes);
    for (let i = 0; i < LINEAR_HASH_BYTES; i++) tag[i]! ^= constant[i]!;
    return tag;
  }

  #tag(bytes: Uint8Array): Uint8Array {
    const cipher = createCipheriv("aes-128-gcm", this.#key, nonce);
    cipher.setAAD(bytes);
    cipher.final();
    return cipher.getAuthTag();
  }
}
