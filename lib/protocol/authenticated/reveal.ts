import type { Party } from "../../channel/channel";
import { addNeeds } from "../../preprocessing/kinds/kinds";
import { toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import { type AuthenticatedVector, addShares } from "../../sharing/authenticated";
import { lowWords } from "../../sharing/opening";
import type { Length } from "../protocol";
import { openCheckedDemand } from "./check-demand";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/**
 * Open to both parties. Check everything opened before first, and check the opening before returning it.
 *
 * Security: active, with abort; see `openChecked`.
 */
export const reveal = {
  demand: ({ length }: Length) => ({ ...openCheckedDemand(length), releases: 1 }),
  run: (ctx: Pick<AuthenticatedContext, "reveal">, [x]) => ctx.reveal(x),
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector], RingVector>;

/**
 * Open to one party: reveal the value under a mask that only this party knows.
 *
 * @returns the values mod 2^64 at `to`; undefined at the other party
 *
 * Security: active, as `reveal`; the mask is uniform, and only `to` knows it.
 */
export const revealTo = {
  demand({ to, length }: Length & { readonly to: Party }) {
    const opening = openCheckedDemand(length);
    return { ...opening, items: addNeeds(opening.items, { [`input${to}`]: length }), releases: 1 };
  },
  async run(ctx: Pick<AuthenticatedContext, "reveal" | "items" | "link">, [x], { to }) {
    const { length } = x.value;
    const [mask] = (await ctx.items.take(`input${to}`, length)).map(toShares) as [AuthenticatedVector];
    const masked = await ctx.reveal(scope(() => addShares(x, mask)));
    if (ctx.link.party !== to) return undefined;
    return scope(() => ring64.sub(masked, ring64.fromBytes(lowWords(ring128.toBytes(mask.value)), length)));
  },
} satisfies AuthenticatedProtocol<
  Length & { readonly to: Party },
  [x: AuthenticatedVector],
  RingVector | undefined
>;

/** Wait until everything opened is checked, before classic shares are sent. */
export const release = {
  demand: ({ length }: Length) => ({ items: {}, rounds: 1, bytes: 8 * length, releases: 1 }),
  run: (ctx: Pick<AuthenticatedContext, "release">) => ctx.release(),
} satisfies AuthenticatedProtocol<Length, [], void>;
