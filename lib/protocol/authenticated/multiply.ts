import type { Needs } from "../../preprocessing/kinds/kinds";
import { burn, toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  disposeShares,
  mapShares,
  mulPublic,
  subShares,
} from "../../sharing/authenticated";
import { beginProduct, endProduct } from "../../sharing/beaver";
import { openShares } from "../../sharing/opening";
import { type MatrixProduct, maskFactors } from "../matrix-masks";
import type { MatrixSizes } from "../scheme";
import type { AuthenticatedContext } from "./context";

export function multiplyNeeds(length: number): Needs {
  return { triple: length };
}

/**
 * Element-wise product of two authenticated vectors (Beaver).
 *
 * @returns shares of the products, mod 2^64 in their meaning; provisional until the MAC check
 *
 * Cost: 1 round, 16 bytes for each product each way, one triple each. Security: active, provisional until the check.
 * Source: SPDZ2k, ePrint 2018/482, section 5 (multiply).
 */
export async function multiplyShares(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  y: AuthenticatedVector,
): Promise<AuthenticatedVector> {
  const triple = await ctx.items.take("triple", x.value.length);
  const begun = beginProduct(x, y, triple);
  const theirs = await ctx.link.exchange(begun.message, "opens masked factors");
  const product = endProduct(ctx.key, ctx.log, triple, begun, theirs);
  for (const field of triple) burn(field);
  return product;
}

export function squareNeeds(length: number): Needs {
  return { square: length };
}

/**
 * Element-wise square: with r and r², x² = r² + 2·(x − r)·r + (x − r)².
 *
 * Cost: 1 round, 8 bytes for each element each way, one square each. Security: active, provisional until the check.
 * Source: SPDZ, ePrint 2011/535, fig. 1.
 */
export async function squareShares(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
): Promise<AuthenticatedVector> {
  const [r, square] = (await ctx.items.take("square", x.value.length)).map(toShares) as [
    AuthenticatedVector,
    AuthenticatedVector,
  ];
  const difference = scope(() => subShares(x, r));
  const [epsilon] = (await openShares(ctx.link, ctx.log, [difference], "opens masked factor")) as [
    RingVector,
  ];
  return scope(() => {
    const sum = addShares(square, mulPublic(r, ring128.shiftLeft(epsilon, 1)));
    return addPublic(ctx.key, sum, ring128.mul(epsilon, epsilon));
  });
}

export function multiplyMatricesNeeds([m, k, n]: MatrixSizes): Needs {
  return multiplyNeeds(m * k * n);
}

/**
 * The product of an m×k and a k×n matrix, by one triple for each of its m·k·n products.
 *
 * Cost: 1 round, 16·m·k·n bytes each way. Security: active, provisional until the MAC check.
 */
export async function multiplyMatrices(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  y: AuthenticatedVector,
  [m, k, n]: MatrixSizes,
): Promise<AuthenticatedVector> {
  // Product (i, j, l) is x[i, l] · y[l, j].
  const [left, right] = scope(() => [
    mapShares(x, (vector) => ring128.strided(vector, [m, n, k], [k, 0, 1], 0)),
    mapShares(y, (vector) => ring128.strided(vector, [m, n, k], [0, 1, n], 0)),
  ]) as [AuthenticatedVector, AuthenticatedVector];
  const products = await multiplyShares(ctx, left, right);
  disposeShares(left, right);
  return scope(() => mapShares(products, (vector) => ring128.sumAxis(vector, m * n, k, 1)));
}

/**
 * The product of an m×k and a k×n matrix by the masks of whole matrices, each opened once however often it is a factor.
 *
 * Cost: 1 round, 8·(m·k + k·n) bytes each way, less those of matrices that were masked before; no round if both were.
 * Security: active, provisional until the MAC check, as far as whoever made the masks is trusted.
 * Source: Mohassel and Zhang, ePrint 2017/396, section 4.1; authenticated as in SPDZ2k, ePrint 2018/482, section 5.
 */
export async function multiplyMasked(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  y: AuthenticatedVector,
  [m, k, n]: MatrixSizes,
  planned: MatrixProduct,
): Promise<AuthenticatedVector> {
  const { left, right, product } = await maskFactors(planned, [x, y], {
    fromRaw: toShares,
    sub: (a, b) => scope(() => subShares(a, b)),
    open: (shares) => openShares(ctx.link, ctx.log, shares, "opens masked matrices"),
    take: (kind) => ctx.items.take(kind, 1),
    free: disposeShares,
  });
  // xy = epsilon·y + (x − epsilon)·delta + ab.
  const result = scope(() => {
    const rest = addPublic(ctx.key, x, ring128.neg(left));
    const byOpened = mapShares(rest, (vector) => ring128.matmul(vector, right, m, k, n));
    const ofRight = mapShares(y, (vector) => ring128.matmul(left, vector, m, k, n));
    return addShares(product, addShares(ofRight, byOpened));
  });
  disposeShares(product);
  return result;
}
