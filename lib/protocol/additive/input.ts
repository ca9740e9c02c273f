import type { Party } from "../../channel/channel";
import { createPrivateRandom } from "../../crypto/prg";
import { type ByteSource, type RingVector, scope } from "../../ring";
import { shareVector } from "../../sharing/additive";
import type { Length } from "../protocol";
import type { AdditiveProtocol, LinkContext } from "./context";
import { fromMessage, toMessage } from "./open";

let random: ByteSource | undefined;

/**
 * Additive shares of values that one party knows: the owner keeps a uniform one and sends the rest.
 *
 * Messages: 1, of the values' size, from the owner. Security: semi-honest; what is sent is uniform.
 */
export const input = {
  demand: ({ length }: Length & { readonly owner: Party }) => ({ items: {}, rounds: 1, bytes: 8 * length }),
  async run({ ring, link }: LinkContext, [values], { owner, length }): Promise<RingVector> {
    if (link.party !== owner) {
      const message = await link.receive(length * ring.bytes, "share of an input");
      return fromMessage(ring, message, [{ length }])[0]!;
    }
    random ??= createPrivateRandom();
    const [own, other] = shareVector(values!, random);
    link.send(
      scope(() => toMessage(ring, [other])),
      "share of an input",
    );
    other.dispose();
    return own;
  },
} satisfies AdditiveProtocol<Length & { readonly owner: Party }, [values: RingVector | undefined]>;
