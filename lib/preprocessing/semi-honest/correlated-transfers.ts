/**
 * Correlated oblivious transfers for parties that follow the protocol: SoftSpokenOT, Roy, ePrint 2022/192, for k = 2 and
 * the repetition code, without its consistency check, which is needed only against a receiver that deviates.
 *
 * 64 trees of 4 leaves stand for a key Delta of 128 bits, two a tree. For each transfer the receiver has a random bit
 * u and a row t, the sender the row q = t ⊕ u·Delta. Then H(q) and H(q ⊕ Delta) are the sender's two messages and H(t)
 * is the one that u selects, with H(x) = π(x) ⊕ x for AES under a public key of the session as π, which is correlation
 * robust: Guo, Katz, Wang, Yu, ePrint 2019/074, section 7.2. Only the low words of the messages are used.
 */

import { type FixedKeyCipher, sessionCipher } from "../../crypto/block-hash";
import type { OtKernels } from "../wasm/kernels";
import { MOST_TRANSFERS, TREES, TransferStreams } from "./streams";

/** The number of transfers must be a multiple of this, so that a row of bits is a whole number of vectors. */
export const LEAST_TRANSFERS = 128;
/** How many rows to make and hash at once, so that they stay in the nearer cache. */
export const BLOCK = 2048;
const ROW = 16;
/** Gap between columns, without which they would all fall into the same lines of the cache. */
const GAP = 64;

/** The permutation that hashes a session's rows. */
export function rowCipher(session: Uint8Array): FixedKeyCipher {
  return sessionCipher(session, "correlated transfers");
}

/** Bytes of the receiver's corrections for `count` transfers. */
export function correctionBytes(count: number): number {
  return ((TREES.trees - 1) * count) / 8;
}

/** Memory in which both sides expand their rows, for runs of up to `count` transfers. */
export class Scratch {
  readonly columns: number;
  readonly stream: number;
  readonly rows: number;
  readonly hashed: number;

  constructor(
    readonly kernels: OtKernels,
    readonly cipher: FixedKeyCipher,
    count: number,
  ) {
    if (count > MOST_TRANSFERS)
      throw new RangeError(`at most ${MOST_TRANSFERS} transfers can be expanded at once, got ${count}`);
    this.columns = kernels.allocate(128 * (count / 8 + GAP));
    this.stream = kernels.allocate(count / 8);
    this.rows = kernels.allocate(2 * BLOCK * ROW);
    this.hashed = kernels.allocate(2 * BLOCK * ROW);
  }

  /** Make the rows of `count` transfers block by block; `use` gets the start and the size of each block. */
  eachBlock(count: number, use: (start: number, size: number) => void): void {
    const { run } = this.kernels;
    for (let start = 0; start < count; start += BLOCK) {
      const size = Math.min(BLOCK, count - start);
      run.transpose(this.columns + start / 8, count / 8 + GAP, this.rows, size);
      use(start, size);
    }
  }

  /** Write secret bytes, and overwrite the originals. */
  put(at: number, bytes: Uint8Array): void {
    this.kernels.write(at, bytes);
    bytes.fill(0);
  }

  /** Apply the permutation to the first blocks of `rows`. */
  permute(blocks: number): void {
    this.put(this.hashed, this.cipher.permute(this.kernels.view(this.rows, blocks * ROW)));
  }
}

/** The side with random bits; it knows all leaves. */
export class TransferReceiver {
  readonly #streams: TransferStreams;

  constructor(leaves: Uint8Array) {
    this.#streams = new TransferStreams(leaves);
  }

  /**
   * @param count - a multiple of 128
   * @param to - addresses for the results: a bit, a word and a second word for each transfer, and the corrections for the
   *   sender
   */
  expand(
    scratch: Scratch,
    count: number,
    to: { bits: number; words: number; second?: number | undefined; corrections: number },
  ): void {
    const { kernels, columns, stream, rows, hashed } = scratch;
    const { run } = kernels;
    const length = count / 8;
    for (let tree = 0; tree < TREES.trees; tree++) {
      const low = columns + 2 * tree * (length + GAP);
      const high = low + length + GAP;
      // With leaf 3 in all three of them, these are the columns, and their sum is that of all leaves.
      const last = this.#streams.take(tree, 3, length);
      scratch.put(low, this.#streams.add(tree, 1, last));
      scratch.put(high, this.#streams.add(tree, 2, last));
      scratch.put(stream, this.#streams.add(tree, 0, last));
      last.fill(0);
      if (tree === 0) run.sumStreams(low, high, stream, length, to.bits);
      else run.sumFourStreams(low, high, stream, to.bits, length, to.corrections + (tree - 1) * length);
    }
    scratch.eachBlock(count, (start, size) => {
      scratch.permute(size);
      run.xorLow(hashed, rows, size, to.words + 8 * start);
      // From the middle of a block on, its high word is the low one.
      if (to.second !== undefined) run.xorLow(hashed + 8, rows + 8, size, to.second + 8 * start);
    });
  }

  destroy(): void {
    this.#streams.destroy();
  }
}

/** Addresses of a block of rows, of the same rows plus Delta, and of the permutations of both. */
export interface SenderBlock {
  readonly start: number;
  readonly size: number;
  readonly rows: number;
  readonly shifted: number;
  readonly zeros: number;
  readonly ones: number;
  /** The low and the high word of Delta. */
  readonly delta: bigint;
  readonly high: bigint;
}

/** The side with two messages for each transfer. In each tree it lacks the leaf whose index is two bits of Delta. */
export class TransferSender {
  readonly #streams: TransferStreams;
  readonly #missing: Uint8Array;
  readonly #delta: Uint8Array;

  constructor(leaves: Uint8Array, missing: Uint8Array) {
    this.#streams = new TransferStreams(leaves);
    this.#missing = missing;
    this.#delta = Uint8Array.from({ length: ROW }, (_, i) =>
      [0, 1, 2, 3].reduce((byte, j) => byte | (missing[4 * i + j]! << (2 * j)), 0),
    );
  }

  /**
   * @param corrections - the address of the receiver's, for `count` transfers
   * @param use - called with each block while it is in memory
   */
  expand(scratch: Scratch, count: number, corrections: number, use: (block: SenderBlock) => void): void {
    const { kernels, columns, rows, hashed } = scratch;
    const { run } = kernels;
    const length = count / 8;
    for (let tree = 0; tree < TREES.trees; tree++) {
      const low = columns + 2 * tree * (length + GAP);
      const high = low + length + GAP;
      const missing = this.#missing[tree]!;
      const last = this.#streams.take(tree, 3 ^ missing, length);
      scratch.put(low, this.#streams.add(tree, 1 ^ missing, last));
      scratch.put(high, this.#streams.add(tree, 2 ^ missing, last));
      last.fill(0);
      if (tree === 0) continue;
      const correction = corrections + (tree - 1) * length;
      run.xorMasked(low, correction, length, -BigInt(missing & 1));
      run.xorMasked(high, correction, length, -BigInt(missing >> 1));
    }
    const key = kernels.put(this.#delta);
    const [delta, high] = [0, 8].map((at) => new DataView(this.#delta.buffer).getBigUint64(at, true)) as [
      bigint,
      bigint,
    ];
    scratch.eachBlock(count, (start, size) => {
      const shifted = rows + size * ROW;
      run.xorBlock(shifted, rows, size * ROW, key);
      scratch.permute(2 * size);
      use({ start, size, rows, shifted, zeros: hashed, ones: hashed + size * ROW, delta, high });
    });
    kernels.release(key);
  }

  destroy(): void {
    this.#streams.destroy();
    this.#missing.fill(0);
    this.#delta.fill(0);
  }
}
