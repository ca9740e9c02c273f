import type { RingVector } from "../../ring";
import { scope } from "../../ring";
import type { LinkContext } from "./context";

/** This party's random bit, and its share of the product of that bit and the other party's. Used once. */
export interface WrapItem {
  readonly bit: RingVector;
  readonly product: RingVector;
}

/**
 * Cut the low `bits` bits off shared numbers: x >> bits, rounded down, or one more.
 *
 * Each party shifts its own share, one of them rounding down and the other up. The result still lacks the wrap:
 * whether the shares, as integers, add up to 2^k or more. For |x| < 2^(k−2), shifted by 2^(k−2) to be positive, the sum is known
 * to have no top bit, so it wraps exactly when one of the shares has: w = u OR v = u + v − u·v for two bits of which
 * each party knows one. With random bits p and q of the parties, d = u ⊕ p and e = v ⊕ q are opened, and
 * u·v = d·e + d·(1−2e)·q + e·(1−2d)·p + (1−2d)·(1−2e)·p·q.
 *
 * @param x - shares of numbers of magnitude below 2^(k−2)
 * @param bits - f, from 1 to k − 2
 * @param item - of the same length; consumed
 * @returns shares of floor(x / 2^f) or floor(x / 2^f) + 1; exact when the low bits of x are zero
 * @throws {RangeError} bits is out of range
 *
 * Rounds: 1, of 1 bit each way for each number. Security: semi-honest; d and e are uniform.
 * Source: Huang, Lu, Hong and Ding (Cheetah), ePrint 2022/207, section 4.2 (truncation with known sign).
 */
export async function truncateByWrap(
  { ring, link }: LinkContext,
  x: RingVector,
  bits: number,
  { bit, product }: WrapItem,
): Promise<RingVector> {
  const k = ring.bits;
  if (!Number.isInteger(bits) || bits < 1 || bits > k - 2)
    throw new RangeError(`bits must be from 1 to ${k - 2}, got ${bits}`);
  const { length } = x;
  const first = link.party === 0;
  const half = 1n << BigInt(k - 2);
  const positive = () => (first ? ring.addScalar(x, half) : x);
  const masked = scope(() => ring.toBits(ring.xor(ring.bit(positive(), k - 1), bit)));
  const theirs = await link.exchange(masked.slice(), "opens masked top bits");
  return scope(() => {
    const share = positive();
    const [own, other] = [masked, theirs].map((packed) => ring.fromBits(packed, length)) as [
      RingVector,
      RingVector,
    ];
    const sign = (of: RingVector) => ring.addScalar(ring.neg(ring.shiftLeft(of, 1)), 1n);
    const both = ring.mul(sign(own), ring.mulAdd(other, bit, ring.mul(sign(other), product)));
    const and = first ? ring.mulAdd(own, other, both) : both;
    const wrap = ring.sub(ring.bit(share, k - 1), and);
    const down = ring.shiftRight(share, bits);
    const shifted = first
      ? ring.addScalar(down, -(half >> BigInt(bits)))
      : ring.add(down, ring.compareScalar(ring.andScalar(share, (1n << BigInt(bits)) - 1n), "!=", 0n));
    return ring.sub(shifted, ring.shiftLeft(wrap, k - bits));
  });
}
