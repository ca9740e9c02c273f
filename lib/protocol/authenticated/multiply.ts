import { burn } from "../../preprocessing/kinds/raw";
import type { AuthenticatedVector } from "../../sharing/authenticated";
import { beginProduct, endProduct } from "../../sharing/beaver";
import type { Length } from "../protocol";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/**
 * Multiply two authenticated vectors element by element (Beaver).
 *
 * @returns shares whose values mod 2^64 are the products; provisional until the MAC check
 *
 * Rounds: 1, of 16 bytes for each product each way. Security: active, provisional until the check.
 * Source: SPDZ2k, ePrint 2018/482, section 5 (multiply).
 */
export async function multiplyShares(
  ctx: Pick<AuthenticatedContext, "items" | "link" | "key" | "log">,
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

/** Multiply two vectors, using a triple for each element: see `multiplyShares`. */
export const multiply = {
  demand: ({ length }: Length) => ({
    items: { triple: length },
    rounds: 1,
    bytes: 16 * length,
    openings: 2 * length,
  }),
  async run(ctx, [x, y]) {
    const product = await multiplyShares(ctx, x, y);
    await ctx.checkIfMany();
    return product;
  },
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector, y: AuthenticatedVector]>;
