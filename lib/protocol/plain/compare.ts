import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

type Sizes = Length & { readonly comparison: "negative" | "zero" };

/** Compare x, as a signed 64-bit integer, with zero: 1 where it is below zero, or where it is zero. */
export function compare(
  { ring }: PlainContext,
  [x]: readonly [x: RingVector],
  { comparison }: Sizes,
): RingVector {
  return scope(() => ring.compareScalar(wrapTo(x, 64), comparison === "zero" ? "==" : "<", 0n));
}

/** The same, and then each result times y. */
export function select(
  ctx: PlainContext,
  [x, y]: readonly [x: RingVector, y: RingVector],
  sizes: Sizes,
): RingVector {
  const chosen = compare(ctx, [x], sizes);
  return scope(() => ctx.ring.concat([chosen, ctx.ring.mul(chosen, y)]));
}
