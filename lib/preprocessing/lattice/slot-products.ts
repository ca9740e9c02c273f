import { LIMB_BYTES, POLYNOMIAL_BYTES } from "./engine";
import { ANSWER_BYTES, PACKED_BYTES } from "./holder";
import { PARAMETERS } from "./parameters";
import { SLOT_POLYNOMIAL_BYTES, SLOT_WORDS_BYTES } from "./slot-plaintext";
import type { LatticeState } from "./state";

const { degree } = PARAMETERS;

/** Addresses of words: products of the sums of both parties' words are to be shared. */
export interface Factors {
  /** This party's a, and its b; without b, squares. */
  readonly a: number;
  readonly b?: number | undefined;
}

/**
 * Share the mixed products of words, in groups of N: a·b′ + a′·b for this party's a and b and the other's a′ and b′, or a·a′
 * without b.
 *
 * Of each group one party, in turns, is the holder: it encrypts its words in slots, and the other party answers for both
 * products at once. The products are integers mod T: signed words make them at most 2^127 in magnitude. The responder's share
 * of an integer is uniform mod T, so both shares of least magnitude add up to it, but for a wrap of probability below
 * 2^127/T.
 *
 * @param count - a multiple of N
 * @param to - address of `count` words for this party's shares
 * @throws {TransportError} the other party sent something malformed
 *
 * Rounds: 2. Security: semi-honest; ring-LWE.
 * Source: SPU's fused products in slots ("FMAThenResponse" in its Cheetah), with answers of one polynomial.
 */
export async function shareSlotProducts(
  state: LatticeState,
  { a, b }: Factors,
  count: number,
  to: number,
): Promise<void> {
  const { engine, frames, holder, responder, slots } = state;
  const { kernels } = engine;
  const mark = kernels.mark;
  const factors = b === undefined ? [a] : [a, b];
  // The responder multiplies the encrypted a by its b, and b by its a.
  const operandsOf = b === undefined ? [a] : [b, a];
  const polynomial = kernels.allocate(SLOT_POLYNOMIAL_BYTES);
  const k = kernels.allocate(degree * 4);
  const first = kernels.allocate(2 * factors.length * POLYNOMIAL_BYTES);
  const second = first + factors.length * POLYNOMIAL_BYTES;
  const operands = kernels.allocate(factors.length * POLYNOMIAL_BYTES);
  const y = kernels.allocate(2 * POLYNOMIAL_BYTES);
  const residues = kernels.allocate(slots.bytes);
  const share = [kernels.allocate(SLOT_WORDS_BYTES), kernels.allocate(SLOT_WORDS_BYTES)] as const;
  const groups = Array.from({ length: count / degree }, (_, i) => ({
    at: i * SLOT_WORDS_BYTES,
    held: (state.turns + i) % 2 === holder.party,
  }));
  state.turns += groups.length;
  try {
    for (const { at } of groups.filter(({ held }) => held))
      for (const plaintext of slots.plaintexts)
        for (const words of factors) {
          plaintext.encode(words + at, polynomial);
          plaintext.prepareMessage(polynomial, k);
          frames.send(
            "ciphertext",
            holder.encrypt((index, place) => plaintext.scaled(polynomial, k, index, place)),
          );
        }
    for (const { at } of groups.filter(({ held }) => !held)) {
      for (const [i, plaintext] of slots.plaintexts.entries()) {
        kernels.clear(y, 2 * POLYNOMIAL_BYTES);
        for (const [f, words] of operandsOf.entries()) {
          const offset = f * POLYNOMIAL_BYTES;
          plaintext.encode(words + at, polynomial);
          plaintext.prepareOperand(polynomial, k);
          engine.each((modulus, _, index) => {
            // The operands of one prime lie together, as sums of products take them.
            const place = operands + (index * factors.length + f) * LIMB_BYTES;
            plaintext.operand(polynomial, k, index, place);
            modulus.forward(place);
          });
          responder.takeCiphertext(
            await frames.receive("ciphertext", PACKED_BYTES),
            first + offset,
            second + offset,
          );
        }
        engine.each((modulus, limb, index) => {
          const from = operands + index * factors.length * LIMB_BYTES;
          responder.addProducts(
            ...([modulus, from, first + limb, second + limb, POLYNOMIAL_BYTES, factors.length] as const),
            ...([y + limb, y + POLYNOMIAL_BYTES + limb] as const),
          );
        });
        frames.send("answer", responder.answer(y, y + POLYNOMIAL_BYTES));
        plaintext.roundShare(y, share[0], residues + slots.offset(i));
      }
      slots.words(residues, to + at);
    }
    for (const { at } of groups.filter(({ held }) => held)) {
      for (const [i, plaintext] of slots.plaintexts.entries()) {
        holder.lift(await frames.receive("answer", ANSWER_BYTES), ...share);
        plaintext.roundLifted(...share, residues + slots.offset(i));
      }
      slots.words(residues, to + at);
    }
  } finally {
    kernels.release(mark);
  }
}
