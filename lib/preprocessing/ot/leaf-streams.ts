import { type Cipher, createCipheriv } from "node:crypto";
import { endCipher } from "../../crypto/prg";
import type { OtKernels } from "../wasm/kernels";
import { KEY_BYTES } from "./base-ot";

/** Zeros to encrypt, which gives the key stream. */
const zeros = new Uint8Array(128 * 1024);

/** A stream of pseudo-random bytes from each leaf of one party's trees: AES-128-CTR under the leaf. */
export class LeafStreams {
  readonly #leaves: Uint8Array;
  #ciphers: (Cipher | undefined)[];
  #destroyed = false;

  /** @param missing - of each tree, the leaf that this party does not know */
  constructor(
    leaves: Uint8Array,
    readonly width: number,
    readonly missing?: Uint8Array,
  ) {
    this.#leaves = leaves.slice();
    this.#ciphers = Array.from({ length: leaves.length / KEY_BYTES }, (_, i) => {
      if (missing?.[Math.floor(i / width)] === i % width) return undefined;
      const leaf = leaves.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
      return createCipheriv("aes-128-ctr", leaf, new Uint8Array(16));
    });
  }

  /** Write the next `length` bytes of a leaf, or zeros for the missing one. */
  fill(kernels: OtKernels, tree: number, leaf: number, at: number, length: number): void {
    if (this.#destroyed) throw new Error("the session has ended and its seeds are destroyed");
    const cipher = this.#ciphers[tree * this.width + leaf];
    if (!cipher) {
      kernels.clear(at, length);
      return;
    }
    for (let done = 0; done < length; done += zeros.length) {
      const stream = cipher.update(zeros.subarray(0, Math.min(zeros.length, length - done)));
      kernels.write(at + done, stream);
      stream.fill(0);
    }
  }

  /** The secrets from which the streams come. */
  get seeds(): { readonly leaves: Uint8Array; readonly missing: Uint8Array | undefined } {
    return { leaves: this.#leaves, missing: this.missing };
  }

  destroy(): void {
    this.#leaves.fill(0);
    for (const cipher of this.#ciphers) if (cipher) endCipher(cipher);
    this.#ciphers = [];
    this.#destroyed = true;
  }
}
