/**
 * Oblivious transfer extension: SoftSpokenOT, Roy, ePrint 2022/192, for k = 4 and the repetition code: small-field
 * VOLE from punctured trees (section 3), the subspace VOLE with its consistency check (section 4), and transfers by
 * a tweakable hash (section 5).
 *
 * 32 trees of 16 leaves stand for a key Delta of 128 bits, four a tree. The sender knows Delta and lacks the leaf of
 * that index in each tree. For each transfer the receiver has a choice bit u and a row t, the sender q = t ⊕ u·Delta.
 * The receiver's corrections could name another u in each tree; the check compares random subset sums of all rows, so
 * that a receiver that does so passes only by guessing bits of Delta.
 *
 * The check's matrix is uniformly random with 80 outputs, drawn after the corrections are fixed; 80 further rows mask
 * what it shows. Two trees with different u agree in it with probability 2^−80.
 */

import { HASH_CHUNK, permuteForHash } from "../../crypto/block-hash";
import { concatBytes, equalBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { Kernels } from "../wasm/kernels";
import { LeafStreams } from "./leaf-streams";
import type { TreeShape } from "./punctured-prf";

/** The trees of one direction. */
export const EXTENSION_TREES: TreeShape = { trees: 32, depth: 4 };
const TREES = EXTENSION_TREES.trees;
const LEAVES = 16;
/** Outputs of the check. */
const CHECKS = 80;
/** Rows beyond those asked for: what masks the check, up to whole blocks. */
const SPARE = 128;
/** Both have their own tweaks. */
const DIRECTIONS = 2;
/** Rows made at once: leaves of 16 KiB, so that a tree's fit the cache. */
const CHUNK = 16 * 1024 * 8;
/** Bytes of the receiver's answer to the check. */
export const ANSWER_BYTES = CHECKS * 16 + CHECKS / 8;

/** Bytes of the receiver's corrections for `count` transfers, a multiple of 128. */
export function correctionBytes(count: number): number {
  return ((TREES - 1) * (count + SPARE)) / 8;
}

/** Rows of one run in kernel memory. */
interface Rows {
  readonly at: number;
  readonly bits: number;
  readonly count: number;
}

abstract class Extension {
  protected readonly streams: LeafStreams;
  /** Of the first transfer of the run, so that no tweak comes twice. */
  #made = 0n;

  constructor(
    protected readonly kernels: Kernels,
    leaves: Uint8Array,
    /** 0 or 1, the party that sends: the tweak's domain. */
    protected readonly domain: number,
    missing?: Uint8Array,
  ) {
    this.streams = new LeafStreams(leaves, LEAVES, missing);
  }

  /** What all of it comes from; secret. */
  get seeds(): LeafStreams["seeds"] {
    return this.streams.seeds;
  }

  destroy(): void {
    this.streams.destroy();
  }

  /** For each chunk and each tree: the sums over its leaves; then all columns as rows. */
  protected expand(
    count: number,
    tree: (tree: number, chunk: Chunk) => void,
    order: (tree: number) => number,
  ): Rows {
    if (count % 128 !== 0) throw new RangeError(`transfers come in multiples of 128, not ${count}`);
    const { kernels } = this;
    const total = count + SPARE;
    const rows = { at: kernels.allocate(total * 16), bits: kernels.allocate(total / 8), count };
    const mark = kernels.mark;
    const most = Math.min(total, CHUNK) / 8;
    const leavesAt = kernels.allocate(LEAVES * most);
    const sum = kernels.allocate(most);
    const columns = kernels.allocate(128 * most);
    const scratch = kernels.allocate(most);
    for (let start = 0; start < total; start += CHUNK) {
      const size = Math.min(CHUNK, total - start);
      const length = size / 8;
      for (let g = 0; g < TREES; g++) {
        for (let leaf = 0; leaf < LEAVES; leaf++)
          this.streams.fill(kernels, g, leaf, leavesAt + (leaf ^ order(g)) * length, length);
        const column = columns + 4 * g * length;
        kernels.run.foldLeaves(leavesAt, length, sum, column, length);
        tree(g, { start, length, sum, column, scratch, bits: rows.bits + start / 8 });
      }
      kernels.run.transpose(columns, length, rows.at + start * 16, size);
    }
    kernels.release(mark);
    return rows;
  }

  /** The check's sums over rows and over the bits beside them. */
  protected subsets(rows: Rows, seed: Uint8Array): { sums: Uint8Array; bits: Uint8Array } {
    const { kernels } = this;
    const mark = kernels.mark;
    const sums = kernels.allocate(CHECKS * 16);
    const parities = kernels.allocate(CHECKS);
    const prg = createPrg(seed);
    const block = 8192;
    const subsets = kernels.allocate((block / 8) * CHECKS);
    for (let start = 0; start < rows.count; start += block) {
      const size = Math.min(block, rows.count - start);
      prg.fill(kernels.view(subsets, (size / 8) * CHECKS));
      kernels.run.subsetSums(
        rows.at + start * 16,
        rows.bits + start / 8,
        size,
        subsets,
        CHECKS,
        sums,
        parities,
      );
    }
    kernels.run.xorInto(sums, rows.at + rows.count * 16, CHECKS * 16);
    const spare = kernels.view(rows.bits + rows.count / 8, CHECKS / 8);
    const bits = new Uint8Array(CHECKS / 8);
    kernels.view(parities, CHECKS).forEach((byte, i) => {
      let parity = byte ^ (byte >> 4);
      parity ^= parity >> 2;
      parity ^= parity >> 1;
      bits[i >> 3]! |= (parity & 1) << (i & 7);
    });
    for (let i = 0; i < bits.length; i++) bits[i]! ^= spare[i]!;
    const result = { sums: kernels.read(sums, CHECKS * 16), bits };
    kernels.release(mark);
    return result;
  }

  /**
   * Hashes rows; `mask` is added to each first.
   *
   * @param wide - whether to hash under a second tweak too, for 16 bytes more of each row
   */
  protected hash(from: number, count: number, wide: boolean, mask?: number): Hashes {
    const { kernels } = this;
    const to = kernels.allocate(count * 16);
    const top = wide ? kernels.allocate(count * 16) : 0;
    const mark = kernels.mark;
    const scratch = kernels.allocate(HASH_CHUNK);
    for (let at = 0; at < count * 16; at += HASH_CHUNK) {
      const size = Math.min(HASH_CHUNK, count * 16 - at);
      let source = from + at;
      if (mask !== undefined) {
        kernels.run.xorBlock(scratch, source, size, mask);
        source = scratch;
      }
      kernels.write(to + at, permuteForHash(kernels.view(source, size)));
      const tweak = this.#made + BigInt(at >> 4);
      const outer = (domain: number) => {
        kernels.run.xorTweak(scratch, to + at, size, tweak, BigInt(domain));
        kernels.write(scratch, permuteForHash(kernels.view(scratch, size)));
      };
      if (wide) {
        outer(this.domain + DIRECTIONS);
        kernels.write(top + at, kernels.view(scratch, size));
        kernels.run.xorInto(top + at, to + at, size);
      }
      outer(this.domain);
      kernels.run.xorInto(to + at, scratch, size);
    }
    kernels.release(mark);
    return { low: to, top };
  }

  /** The run is over; the next one takes other tweaks. */
  protected advance(count: number): void {
    this.#made += BigInt(count);
  }
}

/** Addresses of 16 bytes for each row, and of 16 more where they were asked for. */
interface Hashes {
  readonly low: number;
  readonly top: number;
}

interface Chunk {
  readonly start: number;
  readonly length: number;
  readonly sum: number;
  readonly column: number;
  readonly scratch: number;
  readonly bits: number;
}

/** The side with choice bits; it knows all leaves. */
export class ExtensionReceiver extends Extension {
  #rows: Rows | undefined;

  /**
   * Draws random choice bits and makes the rows; they stay in kernel memory.
   *
   * @returns the corrections for the sender
   */
  prepare(count: number): Uint8Array {
    const corrections = new Uint8Array(correctionBytes(count));
    const { run } = this.kernels;
    this.#rows = this.expand(
      count,
      (tree, { start, length, sum, bits }) => {
        if (tree === 0) {
          this.kernels.run.xorInto(bits, sum, length);
          return;
        }
        run.xorInto(sum, bits, length);
        corrections.set(this.kernels.view(sum, length), ((TREES - 1) * start) / 8 + (tree - 1) * length);
      },
      () => 0,
    );
    return corrections;
  }

  /** Answers the check whose coins were tossed after the corrections were sent. */
  answer(seed: Uint8Array): Uint8Array {
    const { sums, bits } = this.subsets(this.#rows!, seed);
    return concatBytes(sums, bits);
  }

  /**
   * The chosen messages of all transfers, 16 bytes each, 16 more if they are `wide`, and the choice bits: addresses.
   * Ends the run.
   */
  finish(wide = false): { messages: number; messagesTop: number; choices: number } {
    const { at, bits, count } = this.#rows!;
    this.#rows = undefined;
    const { low, top } = this.hash(at, count, wide);
    this.advance(count);
    return { messages: low, messagesTop: top, choices: bits };
  }
}

/** The side with two messages for each transfer; it lacks a leaf of each tree. */
export class ExtensionSender extends Extension {
  readonly #missing: Uint8Array;
  readonly #delta: Uint8Array;
  #rows: Rows | undefined;

  constructor(kernels: Kernels, leaves: Uint8Array, domain: number, missing: Uint8Array) {
    super(kernels, leaves, domain, missing);
    this.#missing = missing;
    this.#delta = Uint8Array.from({ length: 16 }, (_, i) => missing[2 * i]! | (missing[2 * i + 1]! << 4));
  }

  /** Makes the rows from the receiver's corrections, of `correctionBytes(count)` bytes. */
  absorb(count: number, corrections: Uint8Array): void {
    const { kernels } = this;
    this.#rows = this.expand(
      count,
      (tree, { start, length, column, scratch }) => {
        if (tree === 0) return;
        const at = ((TREES - 1) * start) / 8 + (tree - 1) * length;
        kernels.write(scratch, corrections.subarray(at, at + length));
        for (let j = 0; j < 4; j++) {
          const mask = BigInt.asUintN(64, -BigInt((this.#missing[tree]! >> j) & 1));
          kernels.run.xorMasked(column + j * length, scratch, length, mask);
        }
      },
      (tree) => this.#missing[tree]!,
    );
  }

  /** @throws {CheckError} the receiver's corrections did not all name the same choice bits */
  verify(seed: Uint8Array, answer: Uint8Array): void {
    const { sums } = this.subsets(this.#rows!, seed);
    const expected = answer.slice(0, CHECKS * 16);
    const bits = answer.subarray(CHECKS * 16);
    for (let i = 0; i < CHECKS; i++) {
      const mask = -((bits[i >> 3]! >> (i & 7)) & 1);
      for (let j = 0; j < 16; j++) expected[i * 16 + j]! ^= this.#delta[j]! & mask;
    }
    if (!equalBytes(sums, expected))
      throw new CheckError(
        "ot",
        "the other party's corrections in the oblivious transfer extension contradict each other",
      );
  }

  /** Both messages of all transfers: addresses of 16 bytes each, and of 16 more if they are `wide`. Ends the run. */
  finish(wide = false): { zeros: number; zerosTop: number; ones: number; onesTop: number } {
    const { at, count } = this.#rows!;
    this.#rows = undefined;
    const delta = this.kernels.put(this.#delta);
    const zeros = this.hash(at, count, wide);
    const ones = this.hash(at, count, wide, delta);
    this.kernels.clear(delta, 16);
    this.advance(count);
    return { zeros: zeros.low, zerosTop: zeros.top, ones: ones.low, onesTop: ones.top };
  }

  override destroy(): void {
    super.destroy();
    this.#missing.fill(0);
    this.#delta.fill(0);
  }
}
