import type { Needs } from "../../preprocessing/kinds/kinds";
import { toWords } from "../../preprocessing/kinds/raw";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { AdditiveProtocol, LinkContext } from "./context";
import { open } from "./open";
import { truncateByWrap } from "./truncate-by-wrap";

/** This party's shares of a uniform r, of r >> f as an unsigned number, and of the top bit of r. Used once. */
export interface TruncationMask {
  readonly r: RingVector;
  readonly shifted: RingVector;
  readonly msb: RingVector;
}

/**
 * Cut the low `bits` bits off shared numbers: x >> bits, rounded down, or one more.
 *
 * For |x| < 2^(k−2), shifted by 2^(k−2) to be positive and below 2^(k−1), c = x + 2^(k−2) + r is opened. It wraps
 * exactly when the top bit of r is set and that of c is not, so
 * x >> f = (c >> f) − (r >> f) + 2^(k−f) · msb(r) · (1 − msb(c)) − 2^(k−2−f), off by at most the borrow of the low
 * bits. There is no wraparound failure, whatever the size of x within its bound.
 *
 * @param x - shares of numbers of magnitude below 2^(k−2)
 * @param bits - f, from 1 to k − 2
 * @param mask - of the same length, for the same bits; consumed
 * @returns shares of floor(x / 2^f) or floor(x / 2^f) + 1; exact when the low bits of x are zero
 *
 * Rounds: 1, of 1 ring element each way for each number. Security: semi-honest; c is uniform.
 * Source: Damgård et al., ePrint 2019/599; Escudero et al., ePrint 2020/338.
 */
export async function truncateByMask(
  ctx: LinkContext,
  x: RingVector,
  bits: number,
  mask: TruncationMask,
): Promise<RingVector> {
  const { ring, link } = ctx;
  const k = BigInt(ring.bits);
  const f = BigInt(bits);
  const first = link.party === 0;
  const masked = scope(() => ring.add(first ? ring.addScalar(x, 1n << (k - 2n)) : x, mask.r));
  const c = await open(ctx, masked, "opens masked product");
  const result = scope(() => {
    const notMsb = ring.addScalar(ring.neg(ring.shiftRight(c, ring.bits - 1)), 1n);
    const wrap = ring.shiftLeft(ring.mul(mask.msb, notMsb), ring.bits - bits);
    const share = ring.sub(wrap, mask.shifted);
    return first ? ring.add(share, ring.addScalar(ring.shiftRight(c, bits), -(1n << (k - 2n - f)))) : share;
  });
  for (const vector of [mask.r, mask.shifted, mask.msb, masked, c]) vector.dispose();
  return result;
}

type Sizes = Length & { readonly bits: number };

/**
 * Cut off the low bits of shared numbers, using the item that the producer makes: see `truncateByMask` and
 * `truncateByWrap`.
 */
export const truncate = {
  demand({ length, bits }: Sizes, { can }: { readonly can: Capabilities }) {
    const items: Needs = can.truncation === "wrap" ? { wrap: length } : { [`truncation ${bits}`]: length };
    return { items, rounds: 1, bytes: can.truncation === "wrap" ? Math.ceil(length / 8) : 8 * length };
  },
  async run(ctx, [x], { bits }) {
    if (ctx.can.truncation === "wrap") {
      const [bit, product] = (await ctx.items.take("wrap", x.length)).map(toWords);
      return truncateByWrap(ctx, x, bits, { bit: bit!, product: product! });
    }
    const [r, shifted, msb] = (await ctx.items.take(`truncation ${bits}`, x.length)).map(toWords);
    return truncateByMask(ctx, x, bits, { r: r!, shifted: shifted!, msb: msb! });
  },
} satisfies AdditiveProtocol<Sizes, [x: RingVector]>;
