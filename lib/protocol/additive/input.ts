import type { Party } from "../../channel/channel";
import { createPrivateRandom } from "../../crypto/prg";
import { type ByteSource, type RingVector, scope } from "../../ring";
import { shareVector } from "../../sharing/additive";
import type { OperationContext } from "../context";
import { fromMessage, toMessage } from "./open";

let random: ByteSource | undefined;

/**
 * Additive shares of values that one party knows: a uniform one, which the owner keeps, and the rest, which it sends.
 *
 * @param values - at the owner only
 *
 * Cost: 1 message of the values' size from the owner. Security: semi-honest; what is sent is uniform.
 */
export async function input(
  { ring, online }: Pick<OperationContext, "ring" | "online">,
  owner: Party,
  length: number,
  values?: RingVector,
): Promise<RingVector> {
  if (online.party !== owner) {
    const message = await online.receive(length * ring.bytes, "share of an input");
    return fromMessage(ring, message, [{ length }])[0]!;
  }
  random ??= createPrivateRandom();
  const [own, other] = shareVector(values!, random);
  online.send(scopedMessage(ring, other), "share of an input");
  other.dispose();
  return own;
}

function scopedMessage(ring: OperationContext["ring"], share: RingVector): Uint8Array {
  return scope(() => toMessage(ring, [share]));
}

/** Opens one shared vector to one party alone. Cost: 1 message of its size. */
export async function openTo(
  { ring, online }: Pick<OperationContext, "ring" | "online">,
  owner: Party,
  x: RingVector,
): Promise<RingVector | undefined> {
  if (online.party !== owner) {
    online.send(scopedMessage(ring, x), "opens the result");
    return undefined;
  }
  const message = await online.receive(x.length * ring.bytes, "opens the result");
  return ring.add(x, fromMessage(ring, message, [x])[0]!);
}
