import { addNeeds } from "../../preprocessing/kinds/kinds";
import { toShares } from "../../preprocessing/kinds/raw";
import { scope } from "../../ring";
import { type AuthenticatedVector, addShares } from "../../sharing/authenticated";
import type { Length } from "../protocol";
import { openCheckedDemand } from "./check-demand";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/**
 * Check the MACs of shares without revealing anything: open each under a mask that neither party knows, checked as
 * `reveal` is.
 *
 * It finds shares that do not belong together, or belong to another MAC key. A party that changes its share afterwards is
 * caught as with any share, by the check of what it opens then.
 *
 * Security: active, as `reveal`; the masks are uniform and used once.
 */
export const verify = {
  demand({ length }: Length) {
    const opening = openCheckedDemand(length);
    return { ...opening, items: addNeeds(opening.items, { random: length }), releases: 1 };
  },
  async run(ctx: Pick<AuthenticatedContext, "reveal" | "items">, [x], { length }) {
    if (length === 0) return x;
    const [mask] = (await ctx.items.take("random", length)).map(toShares) as [AuthenticatedVector];
    await ctx.reveal(scope(() => addShares(x, mask)));
    return x;
  },
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector]>;
