/** Words of bits in XOR shares: products, and conversion from and to shares of integers. */
import { burn } from "../../preprocessing/kinds/raw";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import { requireComparison } from "./capable";
import { masksOfWraps } from "./compare-carry";
import type { AdditiveContext, AdditiveProtocol } from "./context";
import { openResults, type ResultMasks, resultBytes } from "./masked-results";
import { toMessage } from "./open";

const WORD = 8;
const BITS = 64;
/** Distances between the bits that an adder joins, level by level after the first. */
const DISTANCES = [1, 2, 4, 8, 16, 32] as const;

/** How many of the low bits are wanted. */
export type Width = Length & { readonly width: number };

/** The distances that carries run over in an adder of so many bits; none is needed for a single bit. */
function distancesOf(width: number): readonly number[] {
  return DISTANCES.filter((distance) => distance < width - 1);
}

/** Words of bits, of which each party has an XOR share. */
export interface BinaryWords {
  readonly words: RingVector;
}

/**
 * Compute x AND y and x AND z for words of bits in XOR shares; z may be left out.
 *
 * Rounds: 1, of 24 bytes each way for each word, or 16 without z. Security: semi-honest; all opened bits are uniform.
 * Source: Beaver, CRYPTO 1991, over bits.
 */
export async function andWords(
  ctx: AdditiveContext,
  x: RingVector,
  y: RingVector,
  z?: RingVector,
): Promise<RingVector[]> {
  const { ring, link } = ctx;
  const { length } = x;
  const items = await ctx.items.take("ands", length);
  const [a, b, c, ab, ac] = items.map(({ values }) => ring.fromBytes(values, length)) as [
    RingVector,
    ...RingVector[],
  ];
  items.forEach(burn);
  const pairs = [[y, b!, ab!] as const, ...(z ? [[z, c!, ac!] as const] : [])];
  const mine = scope(() =>
    toMessage(ring, [ring.xor(x, a), ...pairs.map(([factor, mask]) => ring.xor(factor, mask))]),
  );
  const theirs = await link.exchange(mine, "opens masked bits");
  const size = length * WORD;
  const results = scope(() => {
    const opened = (i: number) => {
      const [own, other] = [mine, theirs].map((bytes) =>
        ring.fromBytes(bytes.subarray(i * size, (i + 1) * size), length),
      );
      return ring.xor(own!, other!);
    };
    const left = opened(0);
    return pairs.map(([, mask, product], i) => {
      const right = opened(i + 1);
      // Only party 0 adds the public product, with its mask.
      const factor = link.party === 0 ? ring.xor(mask, right) : mask;
      return ring.xor(product, ring.xor(ring.and(left, factor), ring.and(right, a)));
    });
  });
  for (const vector of [a, b!, c!, ab!, ac!]) vector.dispose();
  return results;
}

/** Compute x AND y, bit by bit. */
export const and = {
  check: (_: Length, can: Capabilities) => void requireComparison(can),
  demand: ({ length }: Length) => ({ items: { ands: length }, rounds: 1, bytes: 2 * WORD * length }),
  async run(ctx, [x, y]): Promise<BinaryWords> {
    const [words] = await andWords(ctx, x.words, y.words);
    return { words: words! };
  },
} satisfies AdditiveProtocol<Length, [x: BinaryWords, y: BinaryWords], BinaryWords>;

/**
 * Turn shares of integers mod 2^64 into XOR shares of their low bits, by an adder of both shares: Kogge and Stone, IEEE
 * Trans. Comput. 1973. Generated and propagated carries, g and p, join with those further below, and p is the common factor.
 * Bits from `width` on are wrong.
 *
 * Rounds: 7 for 64 bits.
 */
export const toBinary = {
  check: (_: Width, can: Capabilities) => void requireComparison(can),
  demand: ({ length, width }: Width) => {
    const levels = distancesOf(width).length;
    if (width === 1) return { items: {}, rounds: 0, bytes: 0 };
    return {
      items: { ands: (1 + levels) * length },
      rounds: 1 + levels,
      // Three words a level; two in the first, which has one product, and in the last, where p is not needed any more.
      bytes: WORD * length * (2 + Math.max(0, 3 * levels - 1)),
    };
  },
  async run(ctx, [x], { width }): Promise<BinaryWords> {
    const { ring, link } = ctx;
    if (width === 1) return { words: ring.slice(x, 0, x.length) };
    const distances = distancesOf(width);
    const none = ring.zeros(x.length);
    // Each party's own share is a word that the other has no part of.
    const [left, right] = link.party === 0 ? [x, none] : [none, x];
    let p = x;
    let [g] = (await andWords(ctx, left, right)) as [RingVector];
    for (const distance of distances) {
      const isLast = distance === distances.at(-1);
      const [lower, further] = scope(() => [ring.shiftLeft(g, distance), ring.shiftLeft(p, distance)]) as [
        RingVector,
        RingVector,
      ];
      const [carried, joined] = await andWords(ctx, p, lower, isLast ? undefined : further);
      const next = ring.xor(g, carried!);
      for (const vector of [g, carried!, lower, further]) vector.dispose();
      if (p !== x) p.dispose();
      g = next;
      p = joined ?? x;
    }
    const words = scope(() => ring.xor(x, ring.shiftLeft(g, 1)));
    for (const vector of [g, none]) vector.dispose();
    return { words };
  },
} satisfies AdditiveProtocol<Width, [x: RingVector], BinaryWords>;

/**
 * Turn XOR shares of words into shares of their low bits as integers: `width` for each word, the lowest first. Rounds: 1.
 */
export const bitsOf = {
  check: (_: Width, can: Capabilities) => void requireComparison(can),
  demand: ({ length, width }: Width, { can }: { readonly can: Capabilities }) => ({
    items: { [requireComparison(can) === "carry" ? "wrap" : "bit"]: width * length },
    rounds: 1,
    bytes: resultBytes(width * length),
  }),
  async run(ctx, [{ words }], { width }): Promise<RingVector> {
    const { ring } = ctx;
    const { length } = words;
    const masks = await takeMasks(ctx, width * length);
    const masked = scope(() => {
      const bits = ring.strided(ring.decompose(words, width), [length, width], [1, length], 0);
      return ring.toBits(ring.xor(bits, ring.fromBytes(masks.words, width * length)));
    });
    masks.words.fill(0);
    return openResults(ctx, { masked, integers: masks.integers });
  },
} satisfies AdditiveProtocol<Width, [words: BinaryWords], RingVector>;

/** Turn XOR shares of words into shares of the integers that they are: see `bitsOf`. Rounds: 1. */
export const fromBinary = {
  check: (_: Length, can: Capabilities) => void requireComparison(can),
  demand: ({ length }: Length, setting: { readonly can: Capabilities }) =>
    bitsOf.demand({ length, width: BITS }, setting),
  async run(ctx, [x], { length }): Promise<RingVector> {
    const { ring } = ctx;
    const bits = await bitsOf.run(ctx, [x], { length, width: BITS });
    const result = scope(() => {
      const planes = ring.strided(bits, [BITS, x.words.length], [1, BITS], 0);
      return ring.compose(planes, BITS);
    });
    bits.dispose();
    return result;
  },
} satisfies AdditiveProtocol<Length, [words: BinaryWords], RingVector>;

async function takeMasks({ items, ring, can }: AdditiveContext, count: number): Promise<ResultMasks> {
  if (requireComparison(can) === "carry") return masksOfWraps(ring, await items.take("wrap", count));
  const [words, integers] = await items.take("bit", count);
  return { words: words!.values, place: 0, integers: integers!.values };
}
