import { burn, toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  disposeShares,
  mulPublic,
  subShares,
} from "../../sharing/authenticated";
import { openShares } from "../../sharing/opening";
import type { Length } from "../protocol";
import type { AuthenticatedProtocol } from "./context";

/**
 * Square an authenticated vector element by element: with r and r², x² = r² + 2·(x − r)·r + (x − r)².
 *
 * Rounds: 1, of 8 bytes for each element each way. Security: active, provisional until the MAC check.
 * Source: Damgård et al. (SPDZ), ePrint 2011/535, fig. 1 (square pairs).
 */
export const square = {
  demand: ({ length }: Length) => ({
    items: { square: length },
    rounds: 1,
    bytes: 8 * length,
    openings: length,
  }),
  async run(ctx, [x]): Promise<AuthenticatedVector> {
    const items = await ctx.items.take("square", x.value.length);
    const [r, squared] = items.map(toShares) as [AuthenticatedVector, AuthenticatedVector];
    for (const item of items) burn(item);
    const difference = scope(() => subShares(x, r));
    const [epsilon] = (await openShares(ctx.link, ctx.log, [difference], "opens masked factor")) as [
      RingVector,
    ];
    const result = scope(() => {
      const sum = addShares(squared, mulPublic(r, ring128.shiftLeft(epsilon, 1)));
      return addPublic(ctx.key, sum, ring128.mul(epsilon, epsilon));
    });
    disposeShares(r, squared, difference);
    await ctx.checkIfMany();
    return result;
  },
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector]>;
