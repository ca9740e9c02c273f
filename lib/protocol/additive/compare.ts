import { SpdzError } from "../../errors";
import type { Capabilities } from "../../preprocessing/producer";
import type { RingVector } from "../../ring";
import type { Length } from "../protocol";
import { carryDemand, compareByCarry } from "./compare-carry";
import { type Comparison, compareMasked, maskedDemand } from "./compare-masked";
import type { AdditiveProtocol } from "./context";

export type ComparisonSizes = Length & { readonly comparison: Comparison };

/** Compare with zero, using the items that the producer makes: see `compareMasked` and `compareByCarry`. */
export const compare = {
  check: (_: ComparisonSizes, can: Capabilities) => void protocolOf(can),
  demand: ({ length }: ComparisonSizes, { can }: { readonly can: Capabilities }) =>
    protocolOf(can) === "carry" ? carryDemand(length) : maskedDemand(length),
  async run(ctx, [x], { comparison }) {
    const { length } = x;
    if (protocolOf(ctx.can) === "masked")
      return compareMasked(ctx, x, comparison, await ctx.items.take("comparison", length));
    const wrap = await ctx.items.take("wrap", length);
    const [carry] = await ctx.items.take("carry", length);
    return compareByCarry(ctx, x, comparison, { carry: carry!, wrap });
  },
} satisfies AdditiveProtocol<ComparisonSizes, [x: RingVector]>;

function protocolOf({ comparison }: Capabilities): "carry" | "masked" {
  if (comparison) return comparison;
  throw new SpdzError("unsupported", "this session's producer makes no items for comparisons");
}
