import { createCipheriv, createHash } from "node:crypto";

/** Bytes that one call of the cipher takes; more would leave the cache between the passes. */
export const HASH_CHUNK = 64 * 1024;

/** AES-128 in ECB under a public key that stands in for a random permutation. */
export class FixedKeyCipher {
  readonly #cipher;

  constructor(label: string) {
    const key = createHash("sha256").update(`spdzlab/fixed key/${label}`).digest().subarray(0, 16);
    this.#cipher = createCipheriv("aes-128-ecb", key, null);
    this.#cipher.setAutoPadding(false);
  }

  /** The permutation of every 16 bytes. */
  permute(blocks: Uint8Array): Uint8Array {
    return this.#cipher.update(blocks);
  }
}

const tweakable = new FixedKeyCipher("tmmo");

/**
 * Hashes every 16 bytes to 16 bytes: π(π(x) ⊕ tweak) ⊕ π(x), the tweak of block i being `first` + i in the low word
 * and `domain` in the high one. Tweakable correlation robust with π as an ideal permutation.
 *
 * @param blocks - a multiple of 16 bytes
 * Source: Guo, Katz, Wang, Yu, ePrint 2019/074, section 7.4 (TMMO).
 */
export function hashBlocks(blocks: Uint8Array, first: bigint, domain: number): Uint8Array {
  const result = new Uint8Array(blocks.length);
  const view = new DataView(result.buffer);
  for (let start = 0; start < blocks.length; start += HASH_CHUNK) {
    const inner = tweakable.permute(blocks.subarray(start, start + HASH_CHUNK));
    const tweaked = new Uint8Array(inner);
    const words = new DataView(tweaked.buffer);
    for (let at = 0; at < inner.length; at += 16) {
      const tweak = BigInt.asUintN(64, first + BigInt((start + at) >> 4));
      words.setBigUint64(at, words.getBigUint64(at, true) ^ tweak, true);
      words.setBigUint64(at + 8, words.getBigUint64(at + 8, true) ^ BigInt(domain), true);
    }
    const outer = tweakable.permute(tweaked);
    for (let at = 0; at < inner.length; at++) view.setUint8(start + at, inner[at]! ^ outer[at]!);
  }
  return result;
}

/** The permutation that `hashBlocks` uses, for those who hash in bulk by other means. */
export function permuteForHash(blocks: Uint8Array): Uint8Array {
  return tweakable.permute(blocks);
}
