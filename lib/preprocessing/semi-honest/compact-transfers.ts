/**
 * The correlated transfers of correlated-transfers.ts with half as many bytes and twice the work: SoftSpokenOT, Roy, ePrint
 * 2022/192, for k = 4 and the repetition code, without its consistency check, which is needed only against a receiver that
 * deviates. 32 trees of 16 leaves stand for a key Delta of 128 bits, four a tree; rows, keys and hash are as there.
 */
import type { FixedKeyCipher } from "../../crypto/block-hash";
import { LeafStreams } from "../ot/leaf-streams";
import type { TreeShape } from "../ot/punctured-prf";
import type { OtKernels } from "../wasm/kernels";

/** The trees of one direction. */
export const COMPACT_TREES: TreeShape = { trees: 32, depth: 4 };
const TREES = COMPACT_TREES.trees;
const LEAVES = 16;
const ROW = 16;
/** Gap between columns, without which they would all fall into the same lines of the cache. */
const GAP = 64;

/** Bytes of the receiver's corrections for `count` transfers. */
export function compactCorrectionBytes(count: number): number {
  return ((TREES - 1) * count) / 8;
}

/** Memory in which both sides expand their rows. */
export class CompactScratch {
  readonly columns: number;
  readonly leaves: number;
  readonly sum: number;
  readonly rows: number;
  readonly hashed: number;

  /**
   * @param count - the most transfers of a run
   * @param block - the most of a block
   */
  constructor(
    readonly kernels: OtKernels,
    readonly cipher: FixedKeyCipher,
    count: number,
    block: number,
  ) {
    this.columns = kernels.allocate(128 * (count / 8 + GAP));
    this.leaves = kernels.allocate((LEAVES * count) / 8);
    this.sum = kernels.allocate(count / 8);
    this.rows = kernels.allocate(2 * block * ROW);
    this.hashed = kernels.allocate(2 * block * ROW);
  }

  /** Apply the permutation to the first blocks of `rows`. */
  permute(blocks: number): void {
    const permuted = this.cipher.permute(this.kernels.view(this.rows, blocks * ROW));
    this.kernels.write(this.hashed, permuted);
    permuted.fill(0);
  }

  /** Make the rows of a run from its columns, `size` at a time; `use` gets the number of each block. */
  eachBlock(count: number, size: number, use: (index: number) => void): void {
    const { run } = this.kernels;
    for (let index = 0; index * size < count; index++) {
      run.transpose(this.columns + (index * size) / 8, count / 8 + GAP, this.rows, size);
      use(index);
    }
  }

  /**
   * Sum up the leaves of each tree in order.
   *
   * @param order - the index to XOR with the indices of a tree's leaves
   * @param use - called with each tree, and with the address and the stride of its four columns
   */
  foldTrees(
    streams: LeafStreams,
    count: number,
    order: (tree: number) => number,
    use: (tree: number, column: number, stride: number) => void,
  ): void {
    const { kernels, leaves, sum } = this;
    const length = count / 8;
    const stride = length + GAP;
    for (let tree = 0; tree < TREES; tree++) {
      for (let leaf = 0; leaf < LEAVES; leaf++)
        streams.fill(kernels, tree, leaf, leaves + (leaf ^ order(tree)) * length, length);
      const column = this.columns + 4 * tree * stride;
      kernels.run.foldLeaves(leaves, length, sum, column, stride);
      use(tree, column, stride);
    }
  }
}

/** Addresses of a block of rows and of their permutations. */
export interface ReceiverRows {
  readonly index: number;
  readonly rows: number;
  readonly hashed: number;
}

/** The side with random bits; it knows all leaves. */
export class CompactReceiver {
  readonly #streams: LeafStreams;

  constructor(leaves: Uint8Array) {
    this.#streams = new LeafStreams(leaves, LEAVES);
  }

  /**
   * @param count - transfers, a multiple of 128
   * @param size - transfers of a block, a multiple of 128 that divides `count`
   * @param to - addresses for a bit of each transfer, and for the corrections for the sender
   * @param use - called with each block while it is in memory
   */
  expand(
    scratch: CompactScratch,
    { count, size }: { readonly count: number; readonly size: number },
    to: { readonly bits: number; readonly corrections: number },
    use: (block: ReceiverRows) => void,
  ): void {
    const { kernels, sum, rows, hashed } = scratch;
    const length = count / 8;
    scratch.foldTrees(
      this.#streams,
      count,
      () => 0,
      (tree) => {
        if (tree === 0) {
          kernels.move(to.bits, sum, length);
          return;
        }
        const correction = to.corrections + (tree - 1) * length;
        kernels.move(correction, sum, length);
        kernels.run.xorInto(correction, to.bits, length);
      },
    );
    scratch.eachBlock(count, size, (index) => {
      scratch.permute(size);
      use({ index, rows, hashed });
    });
  }

  destroy(): void {
    this.#streams.destroy();
  }
}

/** Addresses of a block of rows, and of the permutations of them and of the rows plus Delta. */
export interface SenderRows {
  readonly index: number;
  readonly rows: number;
  readonly zeros: number;
  readonly ones: number;
  /** The low 32 bits of Delta. */
  readonly delta: number;
}

/** The side with two messages for each transfer. In each tree it lacks the leaf whose index is four bits of Delta. */
export class CompactSender {
  readonly #streams: LeafStreams;
  readonly #missing: Uint8Array;
  readonly #delta: Uint8Array;

  constructor(leaves: Uint8Array, missing: Uint8Array) {
    this.#streams = new LeafStreams(leaves, LEAVES, missing);
    this.#missing = missing.slice();
    this.#delta = Uint8Array.from({ length: ROW }, (_, i) => missing[2 * i]! | (missing[2 * i + 1]! << 4));
  }

  /**
   * @param corrections - the address of the receiver's, for the same transfers
   * @param use - called with each block while it is in memory
   */
  expand(
    scratch: CompactScratch,
    { count, size }: { readonly count: number; readonly size: number },
    corrections: number,
    use: (block: SenderRows) => void,
  ): void {
    const { kernels, rows, hashed } = scratch;
    const { run } = kernels;
    const length = count / 8;
    const missing = this.#missing;
    scratch.foldTrees(
      this.#streams,
      count,
      (tree) => missing[tree]!,
      (tree, column, stride) => {
        if (tree === 0) return;
        for (let j = 0; j < 4; j++) {
          const mask = -BigInt((missing[tree]! >> j) & 1);
          run.xorMasked(column + j * stride, corrections + (tree - 1) * length, length, mask);
        }
      },
    );
    const key = kernels.put(this.#delta);
    const delta = new DataView(this.#delta.buffer).getUint32(0, true);
    scratch.eachBlock(count, size, (index) => {
      run.xorBlock(rows + size * ROW, rows, size * ROW, key);
      scratch.permute(2 * size);
      use({ index, rows, zeros: hashed, ones: hashed + size * ROW, delta });
    });
    kernels.release(key);
  }

  destroy(): void {
    this.#streams.destroy();
    this.#missing.fill(0);
    this.#delta.fill(0);
  }
}
