/**
 * Comparison with zero of shared words, from a dealer's masks.
 *
 * c = x + r is opened, so x is a function of the public c and of r, which the dealer knows: x < 0 exactly when
 * msb(c) ⊕ msb(r) ⊕ [c mod 2^63 < r mod 2^63], and x = 0 exactly when c = r. The dealer shares each digit of r, of 4 bits,
 * one-hot: then "equal" and "less" of each digit of c and of r are sums of shares, and need no message. A tree with nodes of
 * four digits combines them in two rounds. A node opens its 7 bits under masks and uses the 22 products of these masks,
 * which the dealer shares too. The last bit is opened under a mask that is also shared as an integer.
 *
 * Security: semi-honest, provided the dealer follows the protocol. c and all opened bits are uniform: each has a mask of its
 * own.
 *
 * Source: masked opening and comparison of a public number with a shared one: Damgård et al., TCC 2006; gates of several
 * inputs from products of masks: Ohata and Nuida, arXiv 1907.03415; digits one-hot from a dealer: ours.
 */
import { COMPARISON } from "../../preprocessing/kinds/comparison";
import { burn, type RawVector } from "../../preprocessing/kinds/raw";
import { type RingVector, scope } from "../../ring";
import type { LinkContext } from "./context";
import { each, type MaskedResults, part, type ResultMasks } from "./masked-results";
import { toMessage } from "./open";

const WORD = 8;
/** The bit of a word of masks that masks the result. */
const RESULT_MASK = 35;

/** What is compared with zero: "negative" is x < 0, for all 64-bit integers; "zero" is x = 0. */
export type Comparison = "negative" | "zero";

/** What comparing takes, up to the masked results. */
export const MASKED_COST = { items: ["comparison"], rounds: 3, bytes: WORD + 4 + 1 } as const;

/**
 * Compare shared words with zero.
 *
 * @param item - as many items of the kind `comparison`; consumed
 * @param bits - masks for the results. Default: those of the items.
 * @returns this party's shares of 1 where the comparison holds, and of 0 elsewhere, masked; and their masks
 *
 * Rounds: 3.
 */
export async function compareMasked(
  { ring, link }: LinkContext,
  x: RingVector,
  comparison: Comparison,
  item: readonly RawVector[],
  bits?: ResultMasks,
): Promise<MaskedResults> {
  const { length } = x;
  const first = link.party === 0 ? 1 : 0;
  const zero = comparison === "zero" ? 1 : 0;
  const field = (i: number) => item[i]!.values;
  const [masks, products] = [field(COMPARISON.masks), COMPARISON.products];

  // 1. Open c = x + r.
  const own = scope(() => toMessage(ring, [ring.add(x, ring.fromBytes(field(COMPARISON.r), length))]));
  const theirs = await link.exchange(own, "opens masked numbers");
  const c = scope(() =>
    toMessage(ring, [ring.add(ring.fromBytes(own, length), ring.fromBytes(theirs, length))]),
  );

  // 2. Share "equal" and "less" of each digit, and open those that the first level multiplies.
  const state = new Uint8Array(length);
  const digits = new Uint8Array(4 * length);
  each(length, (kernels, start, count) => {
    const put = (bytes: Uint8Array, size = WORD) => kernels.put(part(bytes, start, count, size));
    const at = put(c);
    const h = put(field(COMPARISON.digits));
    for (let i = 1; i < 4; i++) put(field(COMPARISON.digits + i));
    const m = put(masks);
    const [opened, held] = [kernels.allocate(4 * count), kernels.allocate(count)];
    kernels.run.compareDigits(at, h, stride(count), m, count, zero, first, opened, held);
    digits.set(kernels.view(opened, 4 * count), 4 * start);
    state.set(kernels.view(held, count), start);
  });
  const theirDigits = await link.exchange(digits, "opens masked digits");

  // 3. Combine the digits of each block of 16 bits.
  const blocks = new Uint8Array(length);
  each(length, (kernels, start, count) => {
    const put = (bytes: Uint8Array, size = WORD) => kernels.put(part(bytes, start, count, size));
    const [mine, theirs] = [put(digits, 4), put(theirDigits, 4)];
    const m = put(masks);
    const p = put(field(products));
    put(field(products + 1));
    const [held, opened] = [put(state, 1), kernels.allocate(count)];
    kernels.run.compareBlocks(mine, theirs, m, p, stride(count), count, first, held, opened);
    blocks.set(kernels.view(opened, count), start);
    state.set(kernels.view(held, count), start);
  });
  const theirBlocks = await link.exchange(blocks, "opens masked blocks");

  // 4. Combine the blocks.
  const taken = bits ?? { words: masks, place: RESULT_MASK, integers: field(COMPARISON.bit).slice() };
  const masked = new Uint8Array(Math.ceil(length / 8));
  each(length, (kernels, start, count) => {
    const put = (bytes: Uint8Array, size = WORD) => kernels.put(part(bytes, start, count, size));
    const [mine, theirs] = [put(blocks, 1), put(theirBlocks, 1)];
    const [m, p, words] = [put(masks), put(field(products + 1)), put(taken.words)];
    const [held, opened] = [put(state, 1), kernels.allocate(Math.ceil(count / 8))];
    kernels.run.compareRoot(
      ...([mine, theirs, m, p, words, BigInt(taken.place), count] as const),
      ...([zero, first, held, opened] as const),
    );
    masked.set(kernels.view(opened, Math.ceil(count / 8)), start / 8);
  });
  item.forEach(burn);
  for (const bytes of [state, taken.words]) bytes.fill(0);
  return { masked, integers: taken.integers };
}

/** How far apart fields of `count` words lie that are put one after another. */
function stride(count: number): number {
  return Math.ceil((count * WORD) / 16) * 16;
}
