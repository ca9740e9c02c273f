import { type Cipher, createCipheriv, randomBytes } from "node:crypto";
import type { ByteSource } from "../ring";

/** Bytes of a seed: one AES-128 key. */
export const SEED_BYTES = 16;

/** Zeros for AES-CTR to encrypt, at most so many at once. */
const zeros = new Uint8Array(2 ** 20);
/** Bytes that go elsewhere anyway come fastest in pieces of this size. */
const PIECE = 2 ** 16;

/** A stream whose key can be overwritten. */
export interface Prg extends ByteSource {
  /** Overwrites the key; the stream gives nothing more. */
  destroy(): void;
}

/** A fresh seed from the operating system. */
export function randomSeed(): Uint8Array {
  return new Uint8Array(randomBytes(SEED_BYTES));
}

/**
 * A stream of pseudo-random bytes: AES-128-CTR under the seed. The same seed and domain give the same stream on
 * both parties; streams of different domains are independent.
 *
 * @param seed - 16 bytes, used for nothing else
 * @param domain - what the stream is for, an integer below 2^32; it opens the counter block
 * @throws {RangeError} a seed of another length
 */
export function createPrg(seed: Uint8Array, domain = 0): Prg {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  const counter = new Uint8Array(16);
  new DataView(counter.buffer).setUint32(0, domain);
  const cipher = createCipheriv("aes-128-ctr", seed, counter);
  let destroyed = false;
  const next = (size: number) => {
    if (destroyed) throw new Error("this stream of random bytes is destroyed: its session has ended");
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

/** Has OpenSSL overwrite a stream cipher's key schedule now, not when the object is collected. */
export function endCipher(cipher: Cipher): void {
  cipher.final();
}

/** Secret randomness of this party alone: OS entropy stretched by AES-CTR. */
export function createPrivateRandom(): Prg {
  const seed = randomSeed();
  const prg = createPrg(seed);
  seed.fill(0);
  return prg;
}
