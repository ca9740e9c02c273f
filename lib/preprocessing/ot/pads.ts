/**
 * From rows of the extension to pads: the hash that breaks the correlation, fixed-key AES in a tweakable form with one
 * call for each 16 bytes. Row i becomes y = row ⊕ h·2^i in GF(2^128). Its pad is π(y) ⊕ y, and π'(y) ⊕ y besides
 * where it is wide.
 *
 * h and the keys of π and π' are public coins, tossed when the rows are fixed. Whatever rows t a cheating receiver
 * chose, two rows, with or without Delta, then come to one y with probability 2^−128; so no two pads belong together.
 * One that the receiver's choice bit does not name, at y ⊕ Delta, is random to whoever does not ask the permutation at
 * that place or for what leads to it, that is, guesses Delta.
 *
 * Source: MMO with a permutation, Guo, Katz, Wang, Yu, ePrint 2019/074, section 7; tweaks by a universal hash whose
 * key comes late as in the author's implementation of SoftSpokenOT, ePrint 2022/192.
 */

import { FixedKeyCipher } from "../../crypto/block-hash";
import { drawBytes } from "../../crypto/bytes";
import type { ByteSource } from "../../ring";
import type { OtKernels } from "../wasm/kernels";

/** Kept between what one call reads and writes: at a distance of whole pages a load would wait for the store before. */
const APART = 192;

/** Addresses of the pads of `count` transfers, 16 bytes each, and of 16 more where they are wide; soon overwritten. */
export interface Pads {
  readonly count: number;
  readonly low: number;
  readonly top: number;
}

/** Hashes the rows of one run. */
export class PadHash {
  readonly #permutations: readonly FixedKeyCipher[];
  /** Where h·2^i lies for the next row i. */
  readonly #tweak: number;

  /**
   * @param kernels - in whose memory it works until that is released
   * @param coins - public, tossed when the rows were fixed
   * @param wide - whether to make 32 bytes for each row instead of 16
   */
  constructor(
    readonly kernels: OtKernels,
    coins: ByteSource,
    readonly wide: boolean,
  ) {
    this.#tweak = kernels.put(drawBytes(coins, 16));
    const permutations = [0, 1].map(() => new FixedKeyCipher(drawBytes(coins, 16)));
    this.#permutations = wide ? permutations : permutations.slice(0, 1);
  }

  /** Memory for the pads of as many rows at once. */
  allocate(count: number): number {
    return this.kernels.allocate((count * 16 + APART) * this.#permutations.length + APART);
  }

  /** Turns the run's next rows, at an address, into what is hashed. */
  tweak(rows: number, count: number): void {
    this.kernels.run.xorDoubled(rows, count * 16, this.#tweak);
  }

  /**
   * @param rows - address of `count` tweaked rows, plain or with Delta added
   * @param at - from `allocate`
   */
  hash(rows: number, count: number, at: number): Pads {
    const { kernels } = this;
    const size = count * 16;
    const [low, top] = [at + APART, at + 2 * APART + size];
    for (const [i, permutation] of this.#permutations.entries()) {
      const to = i === 0 ? low : top;
      const permuted = permutation.permute(kernels.view(rows, size));
      kernels.write(to, permuted);
      permuted.fill(0);
      kernels.run.xorInto(to, rows, size);
    }
    return { count, low, top };
  }
}
