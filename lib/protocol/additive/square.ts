import { burn, toWords } from "../../preprocessing/kinds/raw";
import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { AdditiveProtocol } from "./context";
import { open } from "./open";

/**
 * Square a shared vector element by element: with shares of r and r², x² = r² + 2·(x − r)·r + (x − r)².
 *
 * Rounds: 1, of 1 ring element each way for each square. Security: semi-honest.
 * Source: Damgård et al. (SPDZ), ePrint 2011/535, fig. 1 (square pairs).
 */
export const square = {
  demand: ({ length }: Length) => ({ items: { square: length }, rounds: 1, bytes: 8 * length }),
  async run(ctx, [x]): Promise<RingVector> {
    const { ring, link } = ctx;
    const items = await ctx.items.take("square", x.length);
    const [r, squared] = items.map(toWords) as [RingVector, RingVector];
    for (const item of items) burn(item);
    const masked = scope(() => ring.sub(x, r));
    const epsilon = await open(ctx, masked, "opens masked factor");
    // Only party 0 adds the public last term, with its r: epsilon·(2·r + epsilon).
    const result = scope(() => {
      const double = ring.shiftLeft(r, 1);
      return ring.mulAdd(epsilon, link.party === 0 ? ring.add(double, epsilon) : double, squared);
    });
    for (const vector of [r, squared, masked, epsilon]) vector.dispose();
    return result;
  },
} satisfies AdditiveProtocol<Length, [x: RingVector]>;
