import { type Cipher, createCipheriv } from "node:crypto";
import { endCipher } from "../../crypto/prg";
import { KEY_BYTES } from "../ot/base-ot";
import type { TreeShape } from "../ot/punctured-prf";

/** The trees of one direction: each of 64 stands for two bits of the sender's key. */
export const TREES: TreeShape = { trees: 64, depth: 2 };
/** Leaves of a tree. */
export const LEAVES = 4;
/** How many transfers may be expanded at once: 16 KiB of each leaf, which the cipher is fast on and a cache holds. */
export const MOST_TRANSFERS = 2 ** 17;

const zeros = new Uint8Array(MOST_TRANSFERS / 8);

/** A stream of pseudo-random bytes from each leaf of one party's trees: AES-128-CTR under the leaf. */
export class TransferStreams {
  #ciphers: Cipher[];

  constructor(leaves: Uint8Array) {
    this.#ciphers = Array.from({ length: leaves.length / KEY_BYTES }, (_, i) => {
      const leaf = leaves.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
      return createCipheriv("aes-128-ctr", leaf, new Uint8Array(16));
    });
  }

  /** Take the next `length` bytes of a leaf. The caller overwrites them, and those of `add`. */
  take(tree: number, leaf: number, length: number): Uint8Array {
    return this.add(tree, leaf, zeros.subarray(0, length));
  }

  /** Add the next bytes of a leaf to `bytes`: encryption adds the stream, which saves a separate addition. */
  add(tree: number, leaf: number, bytes: Uint8Array): Uint8Array {
    const cipher = this.#ciphers[tree * LEAVES + leaf];
    if (!cipher) throw new Error("the session has ended and its seeds are destroyed");
    return cipher.update(bytes);
  }

  destroy(): void {
    for (const cipher of this.#ciphers) endCipher(cipher);
    this.#ciphers = [];
  }
}
