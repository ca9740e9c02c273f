import { POLYNOMIAL_BYTES } from "./engine";
import { choosePacking, costOf, heightOf, type Packing, type ProductSizes, packingOf } from "./packing";
import type { LatticeKernels } from "./wasm/kernels";

/** Bytes of ciphertexts that are kept at most, and of two polynomials. */
const MOST_BYTES = 2 ** 26;
const PAIR_BYTES = 2 * POLYNOMIAL_BYTES;
/** What encrypting counts for a matrix that is used again and will be kept. */
const SHARED = 0.25;
/** Of how many matrices the uses are remembered. */
const MOST_COUNTED = 4096;

/** The other party's ciphertexts of one matrix, block by block. They are public to this party. */
export class KeptCiphertexts {
  readonly #pairs = new Map<string, Uint8Array>();

  constructor(readonly packing: Packing) {}

  get bytes(): number {
    return this.packing.encryption.count * PAIR_BYTES;
  }

  has(other: number, j: number): boolean {
    return this.#pairs.has(`${other} ${j}`);
  }

  keep(kernels: LatticeKernels, other: number, j: number, c0: number, c1: number): void {
    const pair = new Uint8Array(PAIR_BYTES);
    pair.set(kernels.view(c0, POLYNOMIAL_BYTES));
    pair.set(kernels.view(c1, POLYNOMIAL_BYTES), POLYNOMIAL_BYTES);
    this.#pairs.set(`${other} ${j}`, pair);
  }

  load(kernels: LatticeKernels, other: number, j: number, c0: number, c1: number): void {
    const pair = this.#pairs.get(`${other} ${j}`)!;
    kernels.write(c0, pair.subarray(0, POLYNOMIAL_BYTES));
    kernels.write(c1, pair.subarray(POLYNOMIAL_BYTES));
  }
}

/**
 * Decides for each product which matrix is encrypted, and keeps ciphertexts of matrices that are used again: from their second
 * product on, so that a matrix that is used once takes no memory. A ciphertext may serve any number of answers, because
 * each answer is masked afresh.
 *
 * Both parties see the same products in the same order, so their stores decide alike and need no message.
 */
export class CiphertextStore {
  /** By matrix, the one that was used longest ago first. */
  readonly #kept = new Map<string, KeptCiphertexts>();
  readonly #uses = new Map<string, number>();

  /** @param most - bytes that are kept at most; the same at both parties */
  constructor(readonly most = MOST_BYTES) {}

  /** @param left - the number of the left matrix, and `right` of the right one */
  plan(
    sizes: ProductSizes,
    left: number,
    right: number,
  ): { readonly packing: Packing; readonly kept?: KeptCiphertexts | undefined } {
    const [m, k, n] = sizes;
    // A matrix that is read in another shape has other blocks.
    const ids = { left: `${left} ${m}×${k}`, right: `${right} ${k}×${n}` };
    const uses = { left: this.#count(ids.left), right: this.#count(ids.right) };
    const weights = { left: uses.left > 1 ? SHARED : 1, right: uses.right > 1 ? SHARED : 1 };
    const packing = choosePacking(sizes, weights);
    let best = { id: ids[packing.encrypted], packing, kept: undefined as KeptCiphertexts | undefined };
    let least = costOf(packing) - (1 - weights[packing.encrypted]) * costOf(packing.encryption);
    for (const side of ["left", "right"] as const) {
      const kept = this.#kept.get(ids[side]);
      if (kept?.packing.encrypted !== side) continue;
      const again = samePacking(sizes, kept.packing);
      const cost = costOf(again) - costOf(again.encryption);
      if (cost >= least) continue;
      least = cost;
      best = { id: ids[side], packing: again, kept };
    }
    const { id } = best;
    if (best.kept) {
      // Used last.
      this.#kept.delete(id);
      this.#kept.set(id, best.kept);
      return best;
    }
    if (weights[packing.encrypted] === 1 || left === right) return { packing };
    return { packing, kept: this.#make(id, packing) };
  }

  #make(id: string, packing: Packing): KeptCiphertexts | undefined {
    const fresh = new KeptCiphertexts(packing);
    this.#kept.delete(id);
    if (fresh.bytes > this.most) return undefined;
    let bytes = fresh.bytes;
    for (const kept of this.#kept.values()) bytes += kept.bytes;
    for (const [oldest, kept] of this.#kept) {
      if (bytes <= this.most) break;
      this.#kept.delete(oldest);
      bytes -= kept.bytes;
    }
    this.#kept.set(id, fresh);
    return fresh;
  }

  /** Count a use of a matrix; returns how many there are. */
  #count(id: string): number {
    const count = (this.#uses.get(id) ?? 0) + 1;
    this.#uses.delete(id);
    this.#uses.set(id, count);
    if (this.#uses.size > MOST_COUNTED) this.#uses.delete(this.#uses.keys().next().value!);
    return count;
  }
}

/** The packing of another product whose encrypted matrix is cut into the same blocks. */
function samePacking(sizes: ProductSizes, { block, encrypted }: Packing): Packing {
  const [mw, kw, nw] = block;
  return packingOf(sizes, [encrypted === "right" ? heightOf(sizes[0], kw, nw) : mw, kw, nw], encrypted);
}
