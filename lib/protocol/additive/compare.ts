import type { Capabilities } from "../../preprocessing/producer";
import type { RingVector } from "../../ring";
import type { Length } from "../protocol";
import { requireComparison } from "./capable";
import { CARRY_COST, compareByCarry, masksOfWraps } from "./compare-carry";
import { type Comparison, compareMasked, MASKED_COST } from "./compare-masked";
import type { AdditiveContext, AdditiveProtocol } from "./context";
import {
  type MaskedResults,
  masksOf,
  openProducts,
  openResults,
  type ResultMasks,
  resultBytes,
} from "./masked-results";

export type ComparisonSizes = Length & { readonly comparison: Comparison };

/** Compare with zero, using the items that the producer makes: see `compareMasked` and `compareByCarry`. */
export const compare = {
  check: (_: ComparisonSizes, can: Capabilities) => void requireComparison(can),
  demand({ length }: ComparisonSizes, { can }: { readonly can: Capabilities }) {
    const masks = requireComparison(can) === "carry" ? { wrap: length } : {};
    return demandOf(length, can, masks, 0);
  },
  async run(ctx, [x], { comparison }) {
    const { items, ring } = ctx;
    const masks =
      requireComparison(ctx.can) === "carry"
        ? masksOfWraps(ring, await items.take("wrap", x.length))
        : undefined;
    return openResults(ctx, await compareUnderMasks(ctx, x, comparison, masks));
  },
} satisfies AdditiveProtocol<ComparisonSizes, [x: RingVector]>;

/** Compare x with zero and multiply y by the result: shares of the results, then of the products. */
export const select = {
  check: compare.check,
  demand: ({ length }: ComparisonSizes, { can }: { readonly can: Capabilities }) =>
    demandOf(length, can, { selection: length }, 8 * length),
  async run(ctx, [x, y], { comparison }) {
    const selection = await ctx.items.take("selection", x.length);
    const results = await compareUnderMasks(ctx, x, comparison, masksOf(selection));
    return openProducts(ctx, results, y, selection);
  },
} satisfies AdditiveProtocol<ComparisonSizes, [x: RingVector, y: RingVector]>;

/** @param more - items for masks */
function demandOf(length: number, can: Capabilities, more: Readonly<Record<string, number>>, bytes: number) {
  const cost = requireComparison(can) === "carry" ? CARRY_COST : MASKED_COST;
  const items = Object.fromEntries(cost.items.map((kind) => [kind, length]));
  return {
    items: { ...more, ...items },
    rounds: cost.rounds + 1,
    bytes: cost.bytes * length + resultBytes(length) + bytes,
  };
}

/** @param masks - for the results; where the items have masks, undefined takes these */
async function compareUnderMasks(
  ctx: AdditiveContext,
  x: RingVector,
  comparison: Comparison,
  masks: ResultMasks | undefined,
): Promise<MaskedResults> {
  const { length } = x;
  if (requireComparison(ctx.can) === "masked")
    return compareMasked(ctx, x, comparison, await ctx.items.take("comparison", length), masks);
  const [carry] = await ctx.items.take("carry", length);
  return compareByCarry(ctx, x, comparison, carry!, masks!);
}
