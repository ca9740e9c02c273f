/**
 * Oblivious transfer extension: SoftSpokenOT, Roy, ePrint 2022/192, for k = 4 and the repetition code: small-field
 * VOLE from punctured trees (section 3), the subspace VOLE with its consistency check (section 4), and transfers by
 * a tweakable hash (section 5; pads.ts).
 *
 * 32 trees of 16 leaves stand for a key Delta of 128 bits, four a tree. The sender knows Delta and lacks the leaf of
 * that index in each tree. For each transfer the receiver has a choice bit u and a row t, the sender q = t ⊕ u·Delta.
 * A cheating receiver could use another u in the corrections of each tree. The check compares hashes of all columns, so
 * such a receiver passes only by guessing bits of Delta.
 *
 * The rows are stored as columns until the check has passed. It hashes each column, and the choice bits, by a linear
 * universal hash whose key is drawn after the corrections are fixed; 128 further rows mask the hashes. Two trees with
 * different u have the same hash with probability below 2^−100, for up to 2^32 transfers in a run.
 */

import { drawBytes, equalBytes } from "../../crypto/bytes";
import { LINEAR_HASH_BYTES, LinearHash } from "../../crypto/linear-hash";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { ByteSource } from "../../ring";
import type { OtKernels } from "../wasm/kernels";
import { LeafStreams } from "./leaf-streams";
import { PadHash, type Pads } from "./pads";
import type { TreeShape } from "./punctured-prf";

/** The trees of one direction. */
export const EXTENSION_TREES: TreeShape = { trees: 32, depth: 4 };
const TREES = EXTENSION_TREES.trees;
const LEAVES = 16;
const COLUMNS = 128;
/** Rows beyond those asked for, which mask the check. */
const SPARE = 8 * LINEAR_HASH_BYTES;
/**
 * Bytes of each leaf made at once: a tree's fit the cache, the corrections of all fit one packet of the channel, and
 * leaves do not lie whole pages apart, where they would push each other out of the cache.
 */
const PIECE = 129 * 256;
/** Transfers whose pads are made at once. */
export const PADS = 2048;
/** Bytes of the receiver's answer to the check: a hash of each column, and one of the choice bits. */
export const ANSWER_BYTES = (COLUMNS + 1) * LINEAR_HASH_BYTES;

/** One run in kernel memory: columns of `length` bytes, one after another, and as many bytes of choice bits. */
interface ExtensionRun {
  readonly count: number;
  readonly length: number;
  readonly columns: number;
  readonly bits: number;
}

/** `size` bytes of the columns of one tree, from `start` on. */
interface ExtensionPiece {
  readonly tree: number;
  readonly start: number;
  readonly size: number;
  /** Addresses: the sum of the leaves, the first of the tree's columns, the choice bits, and spare bytes. */
  readonly sum: number;
  readonly column: number;
  readonly bits: number;
  readonly spare: number;
}

abstract class Extension {
  protected readonly streams: LeafStreams;
  protected run: ExtensionRun | undefined;
  /** Public coins of the run, tossed when its rows were fixed. */
  #coins: ByteSource | undefined;

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

  /**
   * Make all columns: some bytes of every tree, then the next bytes.
   *
   * @param order - the index to XOR with the indices of a tree's leaves: that of the missing leaf, or 0
   */
  protected *expand(count: number, order: (tree: number) => number): Generator<ExtensionPiece> {
    if (count % 128 !== 0)
      throw new RangeError(`the number of transfers must be a multiple of 128, got ${count}`);
    const { kernels } = this;
    const length = (count + SPARE) / 8;
    const columns = kernels.allocate(COLUMNS * length);
    const run = { count, length, columns, bits: kernels.allocate(length) };
    this.run = run;
    const mark = kernels.mark;
    const most = Math.min(length, PIECE);
    const leavesAt = kernels.allocate(LEAVES * most);
    const [sum, spare] = [kernels.allocate(most), kernels.allocate(most)];
    for (let start = 0; start < length; start += PIECE) {
      const size = Math.min(PIECE, length - start);
      for (let tree = 0; tree < TREES; tree++) {
        for (let leaf = 0; leaf < LEAVES; leaf++)
          this.streams.fill(kernels, tree, leaf, leavesAt + (leaf ^ order(tree)) * size, size);
        const column = columns + 4 * tree * length + start;
        kernels.run.foldLeaves(leavesAt, size, sum, column, length);
        yield { tree, start, size, sum, column, bits: run.bits + start, spare };
      }
    }
    kernels.release(mark);
  }

  /** Hash the first `columns` columns for the check, each under its mask. */
  protected hashColumns(seed: Uint8Array, columns: number): Uint8Array {
    const { kernels } = this;
    const { count, length, columns: from } = this.run!;
    this.#coins = createPrg(seed);
    const hash = new LinearHash(drawBytes(this.#coins, LINEAR_HASH_BYTES));
    const hashes = new Uint8Array(columns * LINEAR_HASH_BYTES);
    for (let i = 0; i < columns; i++) {
      // The choice bits are behind the last column.
      const mask = kernels.view(from + i * length + count / 8, LINEAR_HASH_BYTES);
      hash.hash(kernels.view(from + i * length, count / 8)).forEach((byte, j) => {
        hashes[i * LINEAR_HASH_BYTES + j] = byte ^ mask[j]!;
      });
    }
    return hashes;
  }

  /** End the run; return the address of its rows as they are, 16 bytes each, for uses that need their correlation. */
  rows(): number {
    const { kernels } = this;
    const { count, length, columns } = this.run!;
    this.run = undefined;
    const rows = kernels.allocate(count * 16);
    kernels.run.transpose(columns, length, rows, count);
    return rows;
  }

  /** Turn the run's columns into rows and hash them, plain and with `delta` added, some at a time. This ends the run. */
  protected *hashRows(wide: boolean, delta?: number): Generator<{ start: number; pads: Pads[] }> {
    const { kernels } = this;
    const { count, length, columns } = this.run!;
    this.run = undefined;
    const mark = kernels.mark;
    const hash = new PadHash(kernels, this.#coins!, wide);
    const most = Math.min(count, PADS);
    const rows = kernels.allocate(most * 16);
    const places = (delta === undefined ? [0] : [0, 1]).map(() => hash.allocate(most));
    for (let start = 0; start < count; start += PADS) {
      const size = Math.min(PADS, count - start);
      kernels.run.transpose(columns + start / 8, length, rows, size);
      hash.tweak(rows, size);
      const pads = places.map((at, i) => {
        if (i === 1) kernels.run.xorBlock(rows, rows, size * 16, delta!);
        return hash.hash(rows, size, at);
      });
      yield { start, pads };
    }
    kernels.release(mark);
  }
}

/** The side with choice bits; it knows all leaves. */
export class ExtensionReceiver extends Extension {
  /**
   * Draw random choice bits and make the columns; both stay in kernel memory.
   *
   * @param send - called with the corrections for the sender, part by part
   */
  prepare(count: number, send: (corrections: Uint8Array) => void): void {
    const { kernels } = this;
    let corrections = new Uint8Array(0);
    for (const { tree, size, sum, bits } of this.expand(count, () => 0)) {
      if (tree === 0) {
        kernels.run.xorInto(bits, sum, size);
        corrections = new Uint8Array((TREES - 1) * size);
        continue;
      }
      kernels.run.xorInto(sum, bits, size);
      corrections.set(kernels.view(sum, size), (tree - 1) * size);
      if (tree === TREES - 1) send(corrections);
    }
  }

  /** Answer the check, whose coins were tossed after the corrections were sent. */
  answer(seed: Uint8Array): Uint8Array {
    return this.hashColumns(seed, COLUMNS + 1);
  }

  /** Address of the run's choice bits. */
  get choices(): number {
    return this.run!.bits;
  }

  /**
   * Ends the run: the pads that the choice bits name, some transfers at a time, from number `start` on.
   *
   * @param wide - whether to make 32 bytes for each transfer instead of 16
   */
  *finish(wide = false): Generator<{ start: number; pads: Pads }> {
    for (const { start, pads } of this.hashRows(wide)) yield { start, pads: pads[0]! };
  }
}

/** The side with two messages for each transfer; it lacks a leaf of each tree. */
export class ExtensionSender extends Extension {
  readonly #missing: Uint8Array;
  readonly #delta: Uint8Array;

  constructor(kernels: OtKernels, leaves: Uint8Array, missing: Uint8Array) {
    super(kernels, leaves, missing);
    this.#missing = missing;
    this.#delta = Uint8Array.from({ length: 16 }, (_, i) => missing[2 * i]! | (missing[2 * i + 1]! << 4));
  }

  /** The secret key Delta: the receiver's row of a transfer is this party's, plus Delta where the choice bit is 1. */
  get delta(): Uint8Array {
    return this.#delta;
  }

  /**
   * Makes the columns from the receiver's corrections.
   *
   * @param receive - fetches the next part of them, of so many bytes
   */
  async absorb(count: number, receive: (length: number) => Promise<Uint8Array>): Promise<void> {
    const { kernels } = this;
    let corrections = new Uint8Array(0);
    for (const { tree, size, column, spare } of this.expand(count, (tree) => this.#missing[tree]!)) {
      if (tree === 0) {
        corrections = (await receive((TREES - 1) * size)) as Uint8Array<ArrayBuffer>;
        continue;
      }
      kernels.write(spare, corrections.subarray((tree - 1) * size, tree * size));
      for (let j = 0; j < 4; j++) {
        const mask = BigInt.asUintN(64, -BigInt((this.#missing[tree]! >> j) & 1));
        kernels.run.xorMasked(column + j * this.run!.length, spare, size, mask);
      }
    }
  }

  /** @throws {CheckError} the receiver's corrections did not all name the same choice bits */
  verify(seed: Uint8Array, answer: Uint8Array): void {
    const expected = answer.slice(0, COLUMNS * LINEAR_HASH_BYTES);
    const bits = answer.subarray(COLUMNS * LINEAR_HASH_BYTES);
    for (let i = 0; i < COLUMNS; i++) {
      const mask = -((this.#delta[i >> 3]! >> (i & 7)) & 1);
      for (let j = 0; j < LINEAR_HASH_BYTES; j++) expected[i * LINEAR_HASH_BYTES + j]! ^= bits[j]! & mask;
    }
    if (!equalBytes(this.hashColumns(seed, COLUMNS), expected))
      throw new CheckError(
        "ot",
        "the other party's corrections in the oblivious transfer extension contradict each other",
      );
  }

  /**
   * Ends the run: the pads for choice bits of 0 and of 1, some transfers at a time, from number `start` on.
   *
   * @param wide - whether to make 32 bytes for each transfer instead of 16
   */
  *finish(wide = false): Generator<{ start: number; zeros: Pads; ones: Pads }> {
    const delta = this.kernels.put(this.#delta);
    for (const { start, pads } of this.hashRows(wide, delta))
      yield { start, zeros: pads[0]!, ones: pads[1]! };
    this.kernels.clear(delta, 16);
  }

  override destroy(): void {
    super.destroy();
    this.#missing.fill(0);
    this.#delta.fill(0);
  }
}
