import { toShares } from "../../preprocessing/kinds/raw";
import { ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  disposeShares,
  mapShares,
  subShares,
} from "../../sharing/authenticated";
import { openShares } from "../../sharing/opening";
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
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import { multiplyShares } from "./multiply";

/**
 * Multiply an m×k and a k×n matrix, using one triple for each of the m·k·n products.
 *
 * Rounds: 1, of 16·m·k·n bytes each way. Security: active, provisional until the MAC check.
 */
async function multiplyByTriples(
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
 * Multiply an m×k and a k×n matrix, using masks of whole matrices. Each matrix is opened under its mask once, however
 * often it is a factor.
 *
 * Rounds: 1, of 8·(m·k + k·n) bytes each way, less those of matrices that were masked before; none if both were.
 * Security: active, provisional until the MAC check, as far as the maker of the masks is trusted.
 * Source: Mohassel and Zhang, ePrint 2017/396, section 4.1; authenticated as in SPDZ2k, ePrint 2018/482, section 5.
 */
async function multiplyMasked(
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

/** Multiply two matrices, using masks of whole matrices if the producer makes them. */
export const matmul = {
  check: checkProduct,
  demand: demandProduct,
  abort: abortProduct,
  async run(ctx, [x, y], { sizes }, { product }) {
    const result = await (product
      ? multiplyMasked(ctx, x, y, sizes, product)
      : multiplyByTriples(ctx, x, y, sizes));
    await ctx.checkIfMany();
    return result;
  },
} satisfies AuthenticatedProtocol<
  MatrixFactors,
  [x: AuthenticatedVector, y: AuthenticatedVector],
  AuthenticatedVector,
  MatmulDemand
>;
