import { type RawVector, toWords } from "../../preprocessing/kinds/raw";
import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { AdditiveProtocol, LinkContext } from "./context";
import { fromMessage, toMessage } from "./open";

/** This party's shares of random a, b and of their product c. Used once. */
export type Triple = readonly RawVector[];

/**
 * Multiply two shared vectors element by element (Beaver).
 *
 * @param x - shares, f fractional bits
 * @param y - shares of the same length, g fractional bits
 * @param triple - of the same length; consumed
 * @returns shares of the products, f + g fractional bits; truncate next
 *
 * Rounds: 1, of 2 ring elements each way for each product. Security: semi-honest.
 * Source: Beaver, CRYPTO 1991; in the form of Damgård et al., ePrint 2011/535, fig. 1.
 */
export async function multiplyBy(
  { ring, link }: LinkContext,
  x: RingVector,
  y: RingVector,
  triple: Triple,
): Promise<RingVector> {
  const mine = scope(() => {
    const [a, b] = triple.slice(0, 2).map(toWords) as [RingVector, RingVector];
    return toMessage(ring, [ring.sub(x, a), ring.sub(y, b)]);
  });
  const theirs = await link.exchange(mine, "opens masked factors");
  return scope(() => {
    const [a, b, c] = triple.map(toWords) as [RingVector, RingVector, RingVector];
    const [e, d, e1, d1] = [mine, theirs].flatMap((part) => fromMessage(ring, part, [x, y])) as [
      RingVector,
      RingVector,
      RingVector,
      RingVector,
    ];
    const [epsilon, delta] = [ring.add(e, e1), ring.add(d, d1)];
    // xy = c + epsilon·b + a·delta + epsilon·delta; only party 0 adds the public last term, with its b.
    const right = link.party === 0 ? ring.add(b, delta) : b;
    return ring.mulAdd(epsilon, right, ring.mulAdd(a, delta, c));
  });
}

/** Multiply two vectors, using a triple for each element: see `multiplyBy`. */
export const multiply = {
  demand: ({ length }: Length) => ({ items: { triple: length }, rounds: 1, bytes: 16 * length }),
  run: async (ctx, [x, y]) => multiplyBy(ctx, x, y, await ctx.items.take("triple", x.length)),
} satisfies AdditiveProtocol<Length, [x: RingVector, y: RingVector]>;
