import { type RawVector, toWords } from "../../preprocessing/kinds/raw";
import type { Reservation } from "../../preprocessing/pool/pool";
import { type RingVector, scope } from "../../ring";
import type { OperationContext } from "../context";
import { type MatrixProduct, maskFactors } from "../matrix-masks";
import type { MatrixSizes } from "../scheme";
import { fromMessage, openMany, toMessage } from "./open";

/** This party's shares of random a, b and of their product c. Used once. */
export type Triple = readonly RawVector[];

/** What a protocol here needs of its operation. */
type Context = Pick<OperationContext, "ring" | "online">;

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
export async function multiply(
  ctx: Context,
  x: RingVector,
  y: RingVector,
  triple: Triple,
): Promise<RingVector> {
  const { ring, online } = ctx;
  const mine = scope(() => {
    const [a, b] = triple.slice(0, 2).map(toWords) as [RingVector, RingVector];
    return toMessage(ring, [ring.sub(x, a), ring.sub(y, b)]);
  });
  const theirs = await online.exchange(mine, "opens masked factors");
  return scope(() => {
    const [a, b, c] = triple.map(toWords) as [RingVector, RingVector, RingVector];
    const [e, d, e1, d1] = [mine, theirs].flatMap((part) => fromMessage(ring, part, [x, y])) as [
      RingVector,
      RingVector,
      RingVector,
      RingVector,
    ];
    const [epsilon, delta] = [ring.add(e, e1), ring.add(d, d1)];
    // xy = c + epsilon·b + a·delta + epsilon·delta; the public last term is added by party 0 alone, with its b.
    const right = online.party === 0 ? ring.add(b, delta) : b;
    return ring.mulAdd(epsilon, right, ring.mulAdd(a, delta, c));
  });
}

/**
 * Product of two shared matrices by one triple for each of its m·k·n products of numbers.
 *
 * @param x - shares of an m×k matrix, row after row
 * @param y - shares of a k×n matrix
 * @param triples - hands out that many; consumed
 * @returns shares of the m×n product; its fractional bits are the sum of both
 *
 * Cost: 1 round, 2·m·k·n ring elements each way. Security: semi-honest.
 */
export async function multiplyMatrices(
  ctx: Context,
  x: RingVector,
  y: RingVector,
  [m, k, n]: MatrixSizes,
  triples: (count: number) => Promise<Triple>,
): Promise<RingVector> {
  const { ring } = ctx;
  // Product (i, j, l) is x[i, l] · y[l, j].
  const [left, right] = scope(() => [
    ring.strided(x, [m, n, k], [k, 0, 1], 0),
    ring.strided(y, [m, n, k], [0, 1, n], 0),
  ]) as [RingVector, RingVector];
  const products = await multiply(ctx, left, right, await triples(m * k * n));
  const sum = scope(() => ring.sumAxis(products, m * n, k, 1));
  for (const vector of [left, right, products]) vector.dispose();
  return sum;
}

/**
 * Product of two shared matrices by the masks of whole matrices, each opened once however often it is a factor.
 *
 * Cost: 1 round, m·k + k·n ring elements each way, less those of matrices that were masked before; no round if both
 * were. Security: semi-honest.
 * Source: Beaver, CRYPTO 1991; for matrices, Mohassel and Zhang, ePrint 2017/396, section 4.1.
 */
export async function multiplyMasked(
  ctx: Context,
  x: RingVector,
  y: RingVector,
  [m, k, n]: MatrixSizes,
  items: Reservation,
  planned: MatrixProduct,
): Promise<RingVector> {
  const { ring, online } = ctx;
  const { left, right, product } = await maskFactors(planned, [x, y], {
    fromRaw: toWords,
    sub: (a, b) => scope(() => ring.sub(a, b)),
    open: (shares) => openMany(ctx, shares, "opens masked matrices"),
    take: (kind) => items.take(kind, 1),
    free: (share) => share.dispose(),
  });
  // xy = epsilon·y + (x − epsilon)·delta + ab; what is public is subtracted by party 0 alone.
  const result = scope(() => {
    const rest = online.party === 0 ? ring.sub(x, left) : x;
    const byOpened = ring.matmul(rest, right, m, k, n);
    return ring.add(product, ring.add(ring.matmul(left, y, m, k, n), byOpened));
  });
  product.dispose();
  return result;
}
