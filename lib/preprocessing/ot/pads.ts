/**
 * Turns rows of the OT extension into pads by the hash that breaks the correlation: fixed-key AES in a tweakable form,
 * with one call for each 16 bytes. Row i becomes y = row ⊕ h·2^i in GF(2^128). Its pad is π(y) ⊕ y, and π'(y) ⊕ y besides
 * where it is wide.
 *
 * h and the keys of π and π' are public coins, tossed when the rows are fixed. So for any rows t that a cheating receiver
 * chose, two rows, with or without Delta, have the same y with probability 2^−128, and no two pads are related. A pad
 * that the receiver's choice bit does not select, at y ⊕ Delta, is random to anyone who does not query the permutation
 * at that point, or its inverse for it; that is, to anyone who does not guess Delta.
 *
 * Source: MMO with a permutation, Guo, Katz, Wang, Yu, ePrint 2019/074, section 7; tweaks by a universal hash whose
 * key comes late as in the author's implementation of SoftSpokenOT, ePrint 2022/192.
 */

import { FixedKeyCipher } from "../../crypto/block-hash";
import { drawBytes } from "../../crypto/bytes";
import type { ByteSource } from "../../ring";
import type { OtKernels } from "../wasm/kernels";

/** Distance between what one call reads and writes: at whole pages a load would wait for the previous store. */
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

  /** Allocate memory for the pads of `count` rows at once. */
  allocate(count: number): number {
    return this.kernels.allocate((count * 16 + APART) * this.#permutations.length + APART);
  }

  /** Add the tweak to the run's next rows, at an address, before hashing. */
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
