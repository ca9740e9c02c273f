import type { Party } from "../../channel/channel";
import { toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import { type AuthenticatedVector, addPublic } from "../../sharing/authenticated";
import { lowWords, widenWords } from "../../sharing/opening";
import type { Length } from "../protocol";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

type Sizes = Length & { readonly owner: Party };

/**
 * Make authenticated shares of values mod 2^64 that one party, the owner, knows.
 *
 * Messages: 1, of 8 bytes for each value, from the owner. Security: active; a party may choose its input freely, and the
 * other party learns nothing: the mask is uniform and only the owner knows it.
 * Source: SPDZ2k, ePrint 2018/482, fig. 5 (input).
 */
export const input = {
  demand: ({ owner, length }: Sizes) => ({
    items: { [`input${owner}`]: length },
    rounds: 1,
    bytes: 8 * length,
  }),
  async run(
    { items, link, key }: Pick<AuthenticatedContext, "items" | "link" | "key">,
    [values],
    { owner, length },
  ): Promise<AuthenticatedVector> {
    const [mask] = (await items.take(`input${owner}`, length)).map(toShares) as [AuthenticatedVector];
    let difference: Uint8Array;
    if (link.party === owner) {
      difference = scope(() =>
        lowWords(ring128.toBytes(ring128.sub(widenWords(ring64.toBytes(values!)), mask.value))),
      );
      link.send(difference.slice(), "masked input");
    } else {
      difference = await link.receive(length * 8, "masked input");
    }
    return scope(() => addPublic(key, mask, widenWords(difference)));
  },
} satisfies AuthenticatedProtocol<Sizes, [values: RingVector | undefined]>;
