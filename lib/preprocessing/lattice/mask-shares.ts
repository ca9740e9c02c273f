import { drawBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createPrg, SEED_BYTES } from "../../crypto/prg";
import type { ByteSource } from "../../ring";

const WORD = 8;

/**
 * This party's shares of the masks of matrices. Both parties draw their shares alone, each from a secret seed and the mask's
 * key, so a share can be drawn again for each product with that matrix, and none is kept.
 */
export class MaskShares {
  readonly #seed: Uint8Array;
  #destroyed = false;

  constructor(random: ByteSource) {
    this.#seed = drawBytes(random, 32).slice();
  }

  /** The share of the mask with this key, `matrix ID LENGTH`: words as bytes. */
  draw(key: string, length: number): Uint8Array {
    if (this.#destroyed) throw new Error("the session has ended and its seeds are destroyed");
    const seed = hashLabelled("matrix mask", this.#seed, new TextEncoder().encode(key)).slice(0, SEED_BYTES);
    const stream = createPrg(seed);
    seed.fill(0);
    const share = drawBytes(stream, length * WORD);
    stream.destroy();
    return share;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#seed.fill(0);
  }
}
