import { type Cipher, createCipheriv, randomBytes } from "node:crypto";
import type { ByteSource } from "../ring";

/** The length of a seed in bytes: one AES-128 key. */
export const SEED_BYTES = 16;

/** Zeros for AES-CTR to encrypt; the most that are encrypted at once. */
const zeros = new Uint8Array(2 ** 20);
/** The fastest size of pieces when bytes are copied elsewhere anyway. */
const PIECE = 2 ** 16;

/** A stream whose key can be overwritten. */
export interface Prg extends ByteSource {
  /** Overwrite the key. The stream yields nothing more. */
  destroy(): void;
}

/** Return a fresh seed from the operating system. */
export function randomSeed(): Uint8Array {
  return new Uint8Array(randomBytes(SEED_BYTES));
}

/**
 * A stream of pseudo-random bytes: AES-128-CTR under the seed. The same seed and domain give the same stream on
 * both parties; streams of different domains are independent.
 *
 * @param seed - 16 bytes, used for nothing else
 * @param domain - what the stream is for, an integer below 2^32; it opens the counter block
 * @throws {RangeError} the seed has a different length
 */
export function createPrg(seed: Uint8Array, domain = 0): Prg {
  if (seed.length !== SEED_BYTES)
    throw new RangeError(`a seed must have ${SEED_BYTES} bytes, got ${seed.length}`);
  const counter = new Uint8Array(16);
  new DataView(counter.buffer).setUint32(0, domain);
  const cipher = createCipheriv("aes-128-ctr", seed, counter);
  let destroyed = false;
  const next = (size: number) => {
    if (destroyed)
      throw new Error("this stream of random bytes has been destroyed because its session has ended");
    return cipher.update(zeros.subarray(0, size));
  };
  const fill = (target: Uint8Array) => {
    for (let at = 0; at < target.length; at += PIECE) {
      const piece = next(Math.min(PIECE, target.length - at));
      target.set(piece, at);
      piece.fill(0);
    }
  };
  return {
    fill,
    draw(length) {
      if (length <= zeros.length) {
        const { buffer, byteOffset } = next(length);
        return new Uint8Array(buffer, byteOffset, length);
      }
      const target = new Uint8Array(length);
      fill(target);
      return target;
    },
    destroy() {
      if (!destroyed) endCipher(cipher);
      destroyed = true;
    },
  };
}

/** Make OpenSSL overwrite a stream cipher's key schedule now instead of when the object is collected. */
export function endCipher(cipher: Cipher): void {
  cipher.final();
}

/** Return secret randomness of this party alone: OS entropy, expanded by AES-CTR. */
export function createPrivateRandom(): Prg {
  const seed = randomSeed();
  const prg = createPrg(seed);
  seed.fill(0);
  return prg;
}
