/**
 * Shares of products of one party's values with the other party's MAC key: for values x mod 2^192 of the prover and the
 * key alpha of 64 bits of the keeper, w = v + alpha·x with v at the prover and w at the keeper.
 *
 * SPDZ2k, ePrint 2018/482, section 6 (its vector OLE and the authentication built on it), computed mod 2^(k+2s) so
 * that a deviation mod 2^(k+s) shows. Instead of one base OT for each bit of alpha, 32 punctured trees of four
 * leaves stand for two bits each, as in the small-field VOLE of SoftSpokenOT (ePrint 2022/192, section 3), here over
 * the ring: with leaves s_y, x − Σ s_y goes to the keeper, v = −Σ y·s_y, and w = Σ (d − y)·s_y + d·(x − Σ s_y)
 * = v + d·x without the leaf s_d.
 *
 * A cheating prover could use another x in each tree. The check, for each tree apart, opens three random combinations of all
 * values, masked by values that are used for nothing else. A deviation mod 2^168 between two trees survives random
 * weights of 25 bits mod 2^192 with probability 2^−25 in each: for the value whose deviation has the fewest zeros at
 * its end one weight passes, whatever the others are. So a prover that deviates passes only by guessing bits of alpha,
 * each of which halves its chance.
 */

import { concatBytes, drawBytes, equalBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { ByteSource } from "../../ring";
import { LeafStreams } from "../ot/leaf-streams";
import type { TreeShape } from "../ot/punctured-prf";
import type { OtKernels } from "../wasm/kernels";

/** The trees of one direction. */
export const VOLE_TREES: TreeShape = { trees: 32, depth: 2 };
const TREES = VOLE_TREES.trees;
const LEAVES = 4;
/** Bytes of an element mod 2^192. */
export const WIDE = 24;
/** Combinations that the check opens. */
const CHECKS = 3;
/** Elements of each tree made at once, an even number: the corrections of all trees fit one packet of the channel. */
const PIECE = 1360;

export const VOLE_ANSWER_BYTES = CHECKS * (1 + TREES) * WIDE;

/** Bytes of so many elements and of one more if they are odd, because the kernels compute pairs. */
function roomFor(count: number): number {
  return (count + (count & 1)) * WIDE;
}

/** Random weights of the combinations, as `combineThrice` takes them. */
function drawWeights(kernels: OtKernels, seed: Uint8Array, count: number): number {
  return kernels.put(drawBytes(createPrg(seed), count * 16));
}

/** Addresses of elements mod 2^192: of each tree, one after another, and the sums over trees weighted by 4^tree. */
interface VoleRun {
  readonly count: number;
  readonly trees: number;
  readonly total: number;
}

/** `size` elements of one tree, from `start` on. */
interface VolePiece {
  readonly tree: number;
  readonly start: number;
  readonly size: number;
  /** The place of the tree's key bits. */
  readonly bits: number;
  /** Addresses: of the leaves, `stride` bytes apart, of the corrections, of the weighted sums, and of their totals. */
  readonly leaves: number;
  readonly stride: number;
  readonly correction: number;
  readonly weighted: number;
  readonly total: number;
}

abstract class RingVole {
  protected readonly streams: LeafStreams;
  protected run: VoleRun | undefined;

  constructor(
    protected readonly kernels: OtKernels,
    leaves: Uint8Array,
    missing?: Uint8Array,
  ) {
    this.streams = new LeafStreams(leaves, LEAVES, missing);
  }

  /** The secret seeds of all streams. */
  get seeds(): LeafStreams["seeds"] {
    return this.streams.seeds;
  }

  destroy(): void {
    this.streams.destroy();
  }

  /** Walk through all trees: some elements of each, then the next ones. Of each piece all leaves are ready. */
  protected *expand(count: number): Generator<VolePiece> {
    const { kernels } = this;
    const all = count + CHECKS;
    const room = roomFor(all);
    const trees = kernels.allocate(TREES * room);
    const total = kernels.allocate(room);
    this.run = { count, trees, total };
    const mark = kernels.mark;
    const stride = Math.min(room, PIECE * WIDE);
    const leaves = kernels.allocate(LEAVES * stride);
    const correction = kernels.allocate(stride);
    for (let start = 0; start < all; start += PIECE) {
      const size = Math.min(PIECE, all - start);
      for (let tree = 0; tree < TREES; tree++) {
        for (let leaf = 0; leaf < LEAVES; leaf++)
          this.streams.fill(kernels, tree, leaf, leaves + leaf * stride, size * WIDE);
        const weighted = trees + tree * room + start * WIDE;
        const bits = 2 * tree;
        const at = total + start * WIDE;
        yield { tree, start, size, bits, leaves, stride, correction, weighted, total: at };
      }
    }
    kernels.release(mark);
  }

  /** Compute the weighted sums of each tree's elements, each with its mask. */
  protected combinations({ trees, count }: VoleRun, weights: number): Uint8Array {
    const { kernels } = this;
    const mark = kernels.mark;
    const size = roomFor(count + CHECKS);
    const sums = kernels.allocate(TREES * CHECKS * WIDE);
    for (let tree = 0; tree < TREES; tree++)
      this.combine(trees + tree * size, weights, count, sums + tree * CHECKS * WIDE);
    const result = kernels.read(sums, TREES * CHECKS * WIDE);
    kernels.release(mark);
    return result;
  }

  /** Compute the weighted sums of `count` elements, each with its mask. The masks are after the elements. */
  protected combine(elements: number, weights: number, count: number, to: number): void {
    const { run } = this.kernels;
    run.combineThrice(elements, weights, count, to);
    run.add192(to, elements + count * WIDE, CHECKS);
  }
}

/** The side that knows the values, and all leaves. */
export class VoleProver extends RingVole {
  #x = 0;

  /**
   * @param x - address of `count` values mod 2^192
   * @param send - called with the corrections for the keeper, part by part
   * @returns the address of the v
   */
  prepare(x: number, count: number, random: ByteSource, send: (corrections: Uint8Array) => void): number {
    const { kernels } = this;
    this.#x = kernels.allocate(roomFor(count + CHECKS));
    kernels.write(this.#x, kernels.view(x, count * WIDE));
    kernels.draw(this.#x + count * WIDE, random, CHECKS * WIDE);
    let corrections = new Uint8Array(0);
    for (const piece of this.expand(count)) {
      const { tree, start, size, bits, leaves, stride, correction, weighted, total } = piece;
      if (tree === 0) corrections = new Uint8Array(TREES * size * WIDE);
      const values = this.#x + start * WIDE;
      kernels.run.proveTree(leaves, stride, values, bits, size, correction, weighted, total);
      corrections.set(kernels.view(correction, size * WIDE), tree * size * WIDE);
      if (tree === TREES - 1) send(corrections);
    }
    return this.run!.total;
  }

  /** Answer the check, whose coins were tossed after the corrections were sent. */
  answer(seed: Uint8Array): Uint8Array {
    const { kernels } = this;
    const run = this.run!;
    const mark = kernels.mark;
    const weights = drawWeights(kernels, seed, run.count);
    const sums = kernels.allocate(CHECKS * WIDE);
    this.combine(this.#x, weights, run.count, sums);
    const answer = concatBytes(kernels.read(sums, CHECKS * WIDE), this.combinations(run, weights));
    kernels.release(mark);
    this.run = undefined;
    return answer;
  }
}

/** The side that knows the key, two bits of which are the index of the leaf that it lacks in each tree. */
export class VoleKeeper extends RingVole {
  readonly #missing: Uint8Array;

  constructor(kernels: OtKernels, leaves: Uint8Array, missing: Uint8Array) {
    super(kernels, leaves, missing);
    this.#missing = missing;
  }

  /** This party's share of the MAC key. */
  get alpha(): bigint {
    return this.#missing.reduceRight((key, digit) => (key << 2n) | BigInt(digit), 0n);
  }

  /**
   * @param receive - receives the next part of the prover's corrections, of `length` bytes
   * @returns the address of the w
   */
  async absorb(count: number, receive: (length: number) => Promise<Uint8Array>): Promise<number> {
    const { kernels } = this;
    let corrections = new Uint8Array(0);
    for (const piece of this.expand(count)) {
      const { tree, size, bits, leaves, stride, correction, weighted, total } = piece;
      const bytes = size * WIDE;
      if (tree === 0) corrections = (await receive(TREES * bytes)) as typeof corrections;
      kernels.write(correction, corrections.subarray(tree * bytes, (tree + 1) * bytes));
      const delta = BigInt(this.#missing[tree]!);
      kernels.run.keepTree(leaves, stride, correction, delta, bits, size, weighted, total);
    }
    return this.run!.total;
  }

  /** @throws {CheckError} the prover did not use the same values in all trees */
  verify(seed: Uint8Array, answer: Uint8Array): void {
    const { kernels } = this;
    const run = this.run!;
    this.run = undefined;
    const mark = kernels.mark;
    const mine = this.combinations(run, drawWeights(kernels, seed, run.count));
    const x = kernels.put(answer.subarray(0, CHECKS * WIDE));
    const expected = kernels.put(answer.subarray(CHECKS * WIDE));
    for (let tree = 0; tree < TREES; tree++)
      kernels.run.scaleAdd192(x, BigInt(this.#missing[tree]!), CHECKS, expected + tree * CHECKS * WIDE);
    const agrees = equalBytes(mine, kernels.read(expected, mine.length));
    kernels.release(mark);
    if (!agrees)
      throw new CheckError(
        "mac",
        "the other party used different values where it had to authenticate one value",
      );
  }

  override destroy(): void {
    super.destroy();
    this.#missing.fill(0);
  }
}
