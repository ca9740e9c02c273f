import { toWords } from "../../preprocessing/kinds/raw";
import type { Reservation } from "../../preprocessing/pool/pool";
import { type RingVector, scope } from "../../ring";
import {
  abortProduct,
  checkProduct,
  demandProduct,
  type MatmulDemand,
  type MatrixFactors,
  type MatrixProduct,
  type MatrixSizes,
  maskFactors,
} from "../matrix-masks";
import type { AdditiveProtocol, LinkContext } from "./context";
import { multiplyBy, type Triple } from "./multiply";
import { openMany } from "./open";

/**
 * Multiply two shared matrices, using one triple for each of the m·k·n products of numbers.
 *
 * @param x - shares of an m×k matrix, row after row
 * @param y - shares of a k×n matrix
 * @param triples - returns so many triples; consumed
 * @returns shares of the m×n product; its fractional bits are the sum of both
 *
 * Rounds: 1, of 2·m·k·n ring elements each way. Security: semi-honest.
 */
export async function multiplyByTriples(
  ctx: LinkContext,
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
  const products = await multiplyBy(ctx, left, right, await triples(m * k * n));
  const sum = scope(() => ring.sumAxis(products, m * n, k, 1));
  for (const vector of [left, right, products]) vector.dispose();
  return sum;
}

/**
 * Multiply two shared matrices, using masks of whole matrices. Each matrix is opened under its mask once, however often it
 * is a factor.
 *
 * Rounds: 1, of m·k + k·n ring elements each way, less those of matrices that were masked before; none if both were.
 * Security: semi-honest.
 * Source: Beaver, CRYPTO 1991; for matrices, Mohassel and Zhang, ePrint 2017/396, section 4.1.
 */
export async function multiplyMasked(
  ctx: LinkContext,
  x: RingVector,
  y: RingVector,
  [m, k, n]: MatrixSizes,
  items: Reservation,
  planned: MatrixProduct,
): Promise<RingVector> {
  const { ring, link } = ctx;
  const { left, right, product } = await maskFactors(planned, [x, y], {
    fromRaw: toWords,
    sub: (a, b) => scope(() => ring.sub(a, b)),
    open: (shares) => openMany(ctx, shares, "opens masked matrices"),
    take: (kind) => items.take(kind, 1),
    free: (share) => share.dispose(),
  });
  // xy = epsilon·y + (x − epsilon)·delta + ab; only party 0 subtracts the public epsilon.
  const result = scope(() => {
    const rest = link.party === 0 ? ring.sub(x, left) : x;
    const byOpened = ring.matmul(rest, right, m, k, n);
    return ring.add(product, ring.add(ring.matmul(left, y, m, k, n), byOpened));
  });
  product.dispose();
  return result;
}

/** Multiply two matrices, using masks of whole matrices if the producer makes them. */
export const matmul = {
  check: checkProduct,
  demand: demandProduct,
  abort: abortProduct,
  run(ctx, [x, y], { sizes }, { product }) {
    if (product) return multiplyMasked(ctx, x, y, sizes, ctx.items, product);
    return multiplyByTriples(ctx, x, y, sizes, (count) => ctx.items.take("triple", count));
  },
} satisfies AdditiveProtocol<MatrixFactors, [x: RingVector, y: RingVector], RingVector, MatmulDemand>;
