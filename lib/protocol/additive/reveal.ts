import type { Party } from "../../channel/channel";
import { type RingVector, scope } from "../../ring";
import type { Length } from "../protocol";
import type { AdditiveProtocol, LinkContext } from "./context";
import { fromMessage, open, toMessage } from "./open";

/** Open a vector to both parties; nothing can be checked. Rounds: 1. Security: semi-honest. */
export const reveal = {
  demand: ({ length }: Length) => ({ items: {}, rounds: 1, bytes: 8 * length, releases: 1 }),
  run: (ctx: LinkContext, [x]) => open(ctx, x, "opens the result"),
} satisfies AdditiveProtocol<Length, [x: RingVector]>;

/** Open a vector to one party only. Messages: 1, to that party. Security: semi-honest. */
export const revealTo = {
  demand: ({ length }: Length & { readonly to: Party }) => ({
    items: {},
    rounds: 1,
    bytes: 8 * length,
    releases: 1,
  }),
  async run({ ring, link }: LinkContext, [x], { to }): Promise<RingVector | undefined> {
    if (link.party !== to) {
      link.send(
        scope(() => toMessage(ring, [x])),
        "opens the result",
      );
      return undefined;
    }
    const message = await link.receive(x.length * ring.bytes, "opens the result");
    return scope(() => ring.add(x, fromMessage(ring, message, [x])[0]!));
  },
} satisfies AdditiveProtocol<Length & { readonly to: Party }, [x: RingVector], RingVector | undefined>;
