import type { Party } from "../../channel/channel";
import { createPrivateRandom } from "../../crypto/prg";
import { type ByteSource, type RingVector, scope } from "../../ring";
import { shareVector } from "../../sharing/additive";
import type { Length } from "../protocol";
import type { AdditiveProtocol, LinkContext } from "./context";
import { fromMessage, toMessage } from "./open";

let random: ByteSource | undefined;

/**
 * Share values of one party, the owner: it keeps a uniform share and sends the other.
 *
 * Messages: 1, of the values' size, from the owner. Security: semi-honest; the message is uniform.
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
