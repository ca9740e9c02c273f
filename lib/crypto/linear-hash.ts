import { createCipheriv } from "node:crypto";

/** The length of a hash in bytes. */
export const LINEAR_HASH_BYTES = 16;

const nonce = new Uint8Array(12);

/**
 * A universal hash that is linear over GF(2): for inputs of equal length, hash(x ⊕ y) = hash(x) ⊕ hash(y).
 *
 * It is the polynomial in the input's blocks from which AES-GCM computes its tags: the tag of x as additional data, XORed
 * with the tag of equally many zeros, which removes the constant term. Draw the key once the inputs are fixed; it may be
 * public from then on. Two different inputs of n blocks of 16 bytes then have the same hash with probability at most
 * n / 2^128, because their difference is a polynomial of degree n, which has at most n roots, including 0.
 *
 * This holds for a uniform evaluation point. Here the point is H = AES_K(0) for a uniform K, which takes one assumption:
 * that this block cannot be distinguished from a uniform one (AES as a pseudo-random permutation, one query). Whether
 * given inputs agree depends on H alone, so under this assumption the result is the same. K is revealed only when nothing
 * depends on it any more.
 *
 * Source: McGrew and Viega, "The security and performance of the Galois/Counter Mode of operation", 2004 (GHASH).
 */
export class LinearHash {
  readonly #key: Uint8Array;
  /** Tags of zeros, by length. */
  readonly #constants = new Map<number, Uint8Array>();

  /** @param key - 16 public random bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Hash bytes whose number is a multiple of 16. */
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
