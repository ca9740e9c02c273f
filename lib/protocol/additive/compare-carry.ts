/**
 * Comparison with zero of shared words, from random oblivious transfers.
 *
 * For x = x0 + x1 mod 2^64, msb(x) = msb(x0) ⊕ msb(x1) ⊕ [~x1 mod 2^63 < x0 mod 2^63], and x = 0 exactly when x0 = −x1. So
 * each party has a private word, and these are compared: "less" and "equal" of each of 16 digits by a transfer of one out of
 * 16 table entries, half of the digits each way; then a tree of 15 joins, (l, e) and (l′, e′) to (l ⊕ e·l′, e·e′), with
 * products of shared bits that have a factor in common. The result is opened under a random bit that is also shared as an
 * integer: see masked-results.ts.
 *
 * Security: semi-honest. The receiver's choices and all opened bits are uniform: each has a mask of its own. Of a table the
 * receiver reads one entry, which the sender's random share masks.
 *
 * Source: Rathee et al. (CrypTFlow2), ePrint 2020/1002, the protocols for millionaires and for the most significant bit, with
 * random transfers made ahead (Beaver, CRYPTO 1995).
 */
import { drawBytes } from "../../crypto/bytes";
import { createPrivateRandom } from "../../crypto/prg";
import { CARRY_WORDS } from "../../preprocessing/kinds/carry";
import { burn, type RawVector } from "../../preprocessing/kinds/raw";
import { type ByteSource, type Ring, type RingVector, scope } from "../../ring";
import type { Comparison } from "./compare-masked";
import type { LinkContext } from "./context";
import { each, type MaskedResults, part, type ResultMasks } from "./masked-results";
import { toMessage } from "./open";

const WORD = 8;
/** Bytes of an item's choices, and of its tables. */
const CHOICES = 4;
const TABLES = 32;
/** The tree's levels: pairs that they join, and bytes of the masked bits of an item. */
const LEVELS = [
  { width: 8, size: 3 },
  { width: 4, size: 2 },
  { width: 2, size: 1 },
  { width: 1, size: 1 },
] as const;

/** What comparing takes, up to the masked results. */
export const CARRY_COST = {
  items: ["carry"],
  rounds: 2 + LEVELS.length,
  bytes: LEVELS.reduce((sum, { size }) => sum + size, CHOICES + TABLES),
} as const;

let privateRandom: ByteSource | undefined;

/**
 * Compare shared words with zero.
 *
 * @param carry - as many items of the kind `carry` as `x` has elements; consumed
 * @param bits - masks for the results
 * @param random - secret randomness of this party alone. Default: from the operating system.
 * @returns this party's shares of 1 where the comparison holds, and of 0 elsewhere, masked; and their masks
 *
 * Rounds: 6.
 */
export async function compareByCarry(
  { ring, link }: LinkContext,
  x: RingVector,
  comparison: Comparison,
  carry: RawVector,
  bits: ResultMasks,
  random?: ByteSource,
): Promise<MaskedResults> {
  const { length } = x;
  const first = link.party === 0 ? 1 : 0;
  const zero = comparison === "zero" ? 1 : 0;
  const words = toMessage(ring, [x]);
  const item = (start: number, count: number) => part(carry.values, start, count, CARRY_WORDS * WORD);

  // 1. As receiver of half of the digits: open by how much they differ from the random choices.
  const choices = new Uint8Array(CHOICES * length);
  each(length, (kernels, start, count) => {
    const [at, items] = [kernels.put(part(words, start, count, WORD)), kernels.put(item(start, count))];
    const to = kernels.allocate(CHOICES * count);
    kernels.run.carryChoices(at, items, count, zero, first, to);
    choices.set(kernels.view(to, CHOICES * count), CHOICES * start);
  });
  const theirChoices = await link.exchange(choices, "chooses table entries");

  // 2. As sender of the other half: send the tables, under random shares of this party's own.
  privateRandom ??= createPrivateRandom();
  const own = drawBytes(random ?? privateRandom, 2 * length);
  const tables = new Uint8Array(TABLES * length);
  each(length, (kernels, start, count) => {
    const [at, items] = [kernels.put(part(words, start, count, WORD)), kernels.put(item(start, count))];
    const chosen = kernels.put(part(theirChoices, start, count, CHOICES));
    const shares = kernels.put(part(own, start, count, 2));
    const to = kernels.allocate(TABLES * count);
    kernels.run.carryTables(at, items, chosen, shares, count, zero, first, to);
    tables.set(kernels.view(to, TABLES * count), TABLES * start);
  });
  const theirTables = await link.exchange(tables, "sends masked tables");

  // 3. Join neighbours, level by level.
  const state = new Uint8Array(4 * length);
  each(length, (kernels, start, count) => {
    const items = kernels.put(item(start, count));
    const theirs = kernels.put(part(theirTables, start, count, TABLES));
    const shares = kernels.put(part(own, start, count, 2));
    const to = kernels.allocate(4 * count);
    kernels.run.carryLeaves(items, theirs, shares, count, first, to);
    state.set(kernels.view(to, 4 * count), 4 * start);
  });
  for (const { width, size } of LEVELS) {
    const mine = new Uint8Array(size * length);
    each(length, (kernels, start, count) => {
      const [items, bits] = [kernels.put(item(start, count)), kernels.put(part(state, start, count, 4))];
      const to = kernels.allocate(size * count);
      kernels.run.carryOpen(items, bits, count, width, size, to);
      mine.set(kernels.view(to, size * count), size * start);
    });
    const theirs = await link.exchange(mine, "opens masked digits");
    each(length, (kernels, start, count) => {
      const [items, bits] = [kernels.put(item(start, count)), kernels.put(part(state, start, count, 4))];
      const opened = [mine, theirs].map((bytes) => kernels.put(part(bytes, start, count, size)));
      kernels.run.carryJoin(items, opened[0]!, opened[1]!, bits, count, width, size, first);
      state.set(kernels.view(bits, 4 * count), 4 * start);
    });
  }

  // 4. Mask the results.
  const masked = new Uint8Array(Math.ceil(length / 8));
  each(length, (kernels, start, count) => {
    const [at, held] = [
      kernels.put(part(words, start, count, WORD)),
      kernels.put(part(state, start, count, 4)),
    ];
    const masks = kernels.put(part(bits.words, start, count, WORD));
    const to = kernels.allocate(Math.ceil(count / 8));
    kernels.run.carryResults(at, held, masks, count, zero, to);
    masked.set(kernels.view(to, Math.ceil(count / 8)), start / 8);
  });
  burn(carry);
  for (const bytes of [words, own, state, bits.words]) bytes.fill(0);
  return { masked, integers: bits.integers };
}

/** This party's random bit, and its share of the product of that bit and the other party's. Used once. */
export type Wrap = readonly RawVector[];

/** Take the bits of truncations as masks for results: p0 ⊕ p1 is p0 + p1 − 2·p0·p1. */
export function masksOfWraps(ring: Ring, [bit, product]: Wrap): ResultMasks {
  const [words, products] = [bit!.values, product!.values];
  const integers = scope(() => {
    const [p, pq] = [words, products].map((bytes) => ring.fromBytes(bytes, bytes.length / WORD));
    return toMessage(ring, [ring.sub(p!, ring.shiftLeft(pq!, 1))]);
  });
  products.fill(0);
  return { words, place: 0, integers };
}
