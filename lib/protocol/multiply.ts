import type { Triple } from "../preprocessing/preprocessing";
import type { Ring, RingVector } from "../ring";
import type { OperationContext } from "./context";
import { openMany } from "./open";

/**
 * Element-wise product of two shared vectors (Beaver).
 *
 * @param x - shares, f fractional bits
 * @param y - shares of the same length, g fractional bits
 * @param triple - of that length; consumed
 * @returns shares of the products, f + g fractional bits; truncate next
 *
 * Cost: 1 round, 2 ring elements for each product each way. Security: semi-honest.
 * Source: Beaver, CRYPTO 1991; in the form of Damgård et al., ePrint 2011/535, fig. 1.
 */
export function multiply(
  ctx: OperationContext,
  x: RingVector,
  y: RingVector,
  triple: Triple,
): Promise<RingVector> {
  return beaver(ctx, x, y, triple, (ring, a, b) => ring.mul(a, b));
}

/**
 * Product of two shared matrices by one matrix triple (Beaver).
 *
 * @param x - shares of an m×k matrix, row after row
 * @param y - shares of a k×n matrix
 * @param triple - of the same three sizes; consumed
 * @returns shares of the m×n product; its fractional bits are the sum of both
 *
 * Cost: 1 round, m·k + k·n ring elements each way. Security: semi-honest.
 * Source: Beaver, CRYPTO 1991; for matrices, Mohassel and Zhang, ePrint 2017/396, section 4.1.
 */
export function multiplyMatrices(
  ctx: OperationContext,
  x: RingVector,
  y: RingVector,
  [m, k, n]: readonly [m: number, k: number, n: number],
  triple: Triple,
): Promise<RingVector> {
  return beaver(ctx, x, y, triple, (ring, a, b) => ring.matmul(a, b, m, k, n));
}

async function beaver(
  ctx: OperationContext,
  x: RingVector,
  y: RingVector,
  { a, b, c }: Triple,
  product: (ring: Ring, left: RingVector, right: RingVector) => RingVector,
): Promise<RingVector> {
  const { ring, online } = ctx;
  const [epsilon, delta] = (await openMany(
    ctx,
    [ring.sub(x, a), ring.sub(y, b)],
    "opens masked factors",
  )) as [RingVector, RingVector];
  // xy = c + epsilon·b + a·delta + epsilon·delta; the public last term is added by party 0 alone, with its b.
  const right = online.party === 0 ? ring.add(b, delta) : b;
  return ring.add(c, ring.add(product(ring, epsilon, right), product(ring, a, delta)));
}
