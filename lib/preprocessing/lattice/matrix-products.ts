import { LIMB_BYTES, POLYNOMIAL_BYTES } from "./engine";
import { inMessages } from "./frames";
import { ANSWER_BYTES, PACKED_BYTES } from "./holder";
import type { KeptCiphertexts } from "./kept-ciphertexts";
import { choosePacking, type Packing, type ProductSizes } from "./packing";
import { PARAMETERS } from "./parameters";
import type { LatticeState } from "./state";

const { degree } = PARAMETERS;
const WORD = 8;

/** A matrix in memory, row after row. */
interface Matrix {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Multiply two matrices that the parties share additively mod 2^64: this party's shares are A and B, and each party gets a
 * share of (A + A′)·(B + B′) less its own product A·B, which it adds itself.
 *
 * Of the two cross terms A·B′ and A′·B, each party is holder for one and responder for the other, so both compute and send
 * alike. Blocks are worked on in the order of the packing, so memory is bounded however large the matrices are.
 *
 * @param left - address of A, m×k words; `right` of B, k×n words
 * @param to - address of m×n words, to which this party's shares of both cross terms are added
 * @param kept - keeps the other party's ciphertexts for further products with the same matrix, or has them already: then
 *   neither party encrypts again
 * @throws {TransportError} the other party sent something malformed
 *
 * Rounds: 2 for each group of blocks that are at work at once. Security: semi-honest; ring-LWE.
 * Source: Huang et al. (Cheetah), ePrint 2022/207, with answers of one polynomial.
 */
export async function addCrossTerms(
  state: LatticeState,
  left: number,
  right: number,
  sizes: ProductSizes,
  to: number,
  packing: Packing = choosePacking(sizes),
  kept?: KeptCiphertexts,
): Promise<void> {
  const { engine, frames, holder, responder, words } = state;
  const { kernels } = engine;
  const [m, k, n] = sizes;
  const { blocks, encrypted, panel, group, chunk, stretch, width } = packing;
  const blocksOf = encrypted === "left" ? [blocks[0], blocks[2]] : [blocks[2], blocks[0]];
  const [others, plains] = blocksOf as [number, number];
  const mark = kernels.mark;
  const layout = new Layout(
    packing,
    { at: left, rows: m, columns: k },
    { at: right, rows: k, columns: n },
    { at: to, rows: m, columns: n },
  );
  const message = kernels.allocate(degree * WORD);
  const rows = (degree / stretch) * width;
  const compact = kernels.allocate(rows * WORD);
  const residues = kernels.allocate(rows * 4);
  const operands = kernels.allocate(chunk * LIMB_BYTES);
  const share = [kernels.allocate(degree * WORD), kernels.allocate(degree * WORD)] as const;
  // First all c0, or sums with them, then all c1.
  const ciphertexts = panel * chunk * POLYNOMIAL_BYTES;
  const first = kernels.allocate(2 * ciphertexts);
  const sums = panel * group * POLYNOMIAL_BYTES;
  const y = kernels.allocate(2 * sums);

  const encrypt = (other: number, j: number) => {
    kernels.clear(message, degree * WORD);
    layout.place(kernels.run.gather, encrypted, other, j, message);
    words.prepare(message);
    return holder.encrypt((index, at) => words.scaled(message, index, at));
  };
  /** The pairs of numbers below `rows` and `columns`, in order, cut into messages. */
  const pairs = (rows: number, columns: number) =>
    inMessages(
      Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns] as const),
    );
  try {
    for (let plain0 = 0; plain0 < plains; plain0 += group)
      for (let other0 = 0; other0 < others; other0 += panel) {
        const plainCount = Math.min(group, plains - plain0);
        const otherCount = Math.min(panel, others - other0);
        kernels.clear(y, 2 * sums);
        for (let j0 = 0; j0 < blocks[1]; j0 += chunk) {
          const count = Math.min(chunk, blocks[1] - j0);
          const place = (other: number, j: number) => first + (other * chunk + j) * POLYNOMIAL_BYTES;
          if (kept?.has(other0, j0)) {
            for (const [other, j] of pairs(otherCount, count).flat()) {
              const at = place(other, j);
              kept.load(kernels, other0 + other, j0 + j, at, at + ciphertexts);
            }
          } else {
            for (const some of pairs(otherCount, count))
              frames.send("ciphertext", ...some.map(([other, j]) => encrypt(other0 + other, j0 + j)));
            for (const some of pairs(otherCount, count)) {
              const bytes = await frames.receive("ciphertext", some.length * PACKED_BYTES);
              for (const [i, [other, j]] of some.entries()) {
                const packed = bytes.subarray(i * PACKED_BYTES, (i + 1) * PACKED_BYTES);
                const at = place(other, j);
                responder.takeCiphertext(packed, at, at + ciphertexts);
                kept?.keep(kernels, other0 + other, j0 + j, at, at + ciphertexts);
              }
            }
          }
          engine.each((modulus, offset) => {
            for (let plain = 0; plain < plainCount; plain++) {
              for (let j = 0; j < count; j++) {
                kernels.clear(compact, rows * WORD);
                layout.placeSparse(kernels.run.gather, plain0 + plain, j0 + j, compact);
                modulus.residues(compact, rows, residues);
                modulus.forwardSparse(residues, operands + j * LIMB_BYTES, stretch, width);
              }
              for (let other = 0; other < otherCount; other++) {
                const c0 = first + other * chunk * POLYNOMIAL_BYTES + offset;
                const sum = y + (other * group + plain) * POLYNOMIAL_BYTES + offset;
                responder.addProducts(
                  ...([modulus, operands, c0, c0 + ciphertexts, POLYNOMIAL_BYTES, count] as const),
                  ...([sum, sum + sums] as const),
                );
              }
            }
          });
        }
        const answer = (other: number, plain: number) => {
          const sum = y + (other * group + plain) * POLYNOMIAL_BYTES;
          const bytes = responder.answer(sum, sum + sums);
          words.roundShare(sum, share[0]);
          layout.addResult(kernels.run.gatherAdd, plain0 + plain, other0 + other, share[0]);
          return bytes;
        };
        for (const some of pairs(otherCount, plainCount))
          frames.send("answer", ...some.map((pair) => answer(...pair)));
        for (const some of pairs(otherCount, plainCount)) {
          const bytes = await frames.receive("answer", some.length * ANSWER_BYTES);
          for (const [i, [other, plain]] of some.entries()) {
            holder.lift(bytes.subarray(i * ANSWER_BYTES, (i + 1) * ANSWER_BYTES), ...share);
            words.roundLifted(...share, share[0]);
            layout.addResult(kernels.run.gatherAdd, plain0 + plain, other0 + other, share[0]);
          }
        }
      }
  } finally {
    kernels.release(mark);
  }
}

type Gather = (
  from: number,
  rows: number,
  columns: number,
  stride: number,
  step: number,
  to: number,
  toStride: number,
  toStep: number,
) => void;

/** Where numbers of the matrices lie in polynomials: see Packing. */
class Layout {
  constructor(
    readonly packing: Packing,
    readonly left: Matrix,
    readonly right: Matrix,
    readonly result: Matrix,
  ) {}

  /** Copy a block of the named matrix into a polynomial of words. @param other - its block along m or n, and j along k */
  place(gather: Gather, side: "left" | "right", other: number, j: number, to: number): void {
    const [, kw, nw] = this.packing.block;
    if (side === "left") this.#placeLeft(gather, other, j, to, kw * nw);
    else this.#placeRight(gather, j, other, to);
  }

  /** Copy a block of the plain matrix into the rows that are not zero. */
  placeSparse(gather: Gather, plain: number, j: number, to: number): void {
    const { encrypted, block, width, stretch } = this.packing;
    const [, kw, nw] = block;
    if (encrypted === "left") this.#placeRight(gather, j, plain, to);
    else this.#placeLeft(gather, plain, j, to, width === stretch ? kw * nw : width);
  }

  #placeLeft(gather: Gather, i: number, j: number, to: number, stride: number): void {
    const [mw, kw] = this.packing.block;
    const { at, columns, rows } = this.left;
    const [top, side] = [i * mw, j * kw];
    const [height, breadth] = [Math.min(mw, rows - top), Math.min(kw, columns - side)];
    gather(
      ...([at + (top * columns + side) * WORD, height, breadth, columns * WORD, WORD] as const),
      ...([to, stride * WORD, WORD] as const),
    );
  }

  #placeRight(gather: Gather, j: number, l: number, to: number): void {
    const [, kw, nw] = this.packing.block;
    const { at, columns, rows } = this.right;
    const [top, side] = [j * kw, l * nw];
    const [height, breadth] = [Math.min(kw, rows - top), Math.min(nw, columns - side)];
    gather(
      ...([at + (top * columns + side) * WORD, height, breadth, columns * WORD, WORD] as const),
      ...([to + (kw - 1) * WORD, -WORD, kw * WORD] as const),
    );
  }

  /** Add the coefficients of a product of blocks to the result. */
  addResult(gatherAdd: Gather, plain: number, other: number, from: number): void {
    const { block, encrypted } = this.packing;
    const [mw, kw, nw] = block;
    const [i, l] = encrypted === "left" ? [other, plain] : [plain, other];
    const { at, columns, rows } = this.result;
    const [top, side] = [i * mw, l * nw];
    const [height, breadth] = [Math.min(mw, rows - top), Math.min(nw, columns - side)];
    gatherAdd(
      ...([from + (kw - 1) * WORD, height, breadth, kw * nw * WORD, kw * WORD] as const),
      ...([at + (top * columns + side) * WORD, columns * WORD, WORD] as const),
    );
  }
}
