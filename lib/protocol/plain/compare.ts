import { type RingVector, ring128, scope } from "../../ring";
import type { Length } from "../protocol";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

type Sizes = Length & { readonly comparison: "negative" | "zero" };

/** 1 where x is below zero, or where it is zero, and 0 elsewhere. */
export function compare(_: PlainContext, [x]: [x: RingVector], { comparison }: Sizes): RingVector {
  const relation = comparison === "zero" ? "==" : "<";
  return scope(() => ring128.compareScalar(wrapTo(x, 64), relation, 0n, true));
}

/** The same, and its products with y. */
export function select(ctx: PlainContext, [x, y]: [x: RingVector, y: RingVector], sizes: Sizes): RingVector {
  const results = compare(ctx, [x], sizes);
  return ring128.concat([results, ring128.mul(results, y)]);
}
