import { type Ring, type RingVector, scope } from "../../ring";
import type { LinkContext } from "./context";

/**
 * Open several shared vectors to both parties at once.
 *
 * @param shares - this party's shares
 * @param what - a label for the message, for users
 * @returns the values, in the same order
 *
 * Rounds: 1, the size of all vectors each way. Security: semi-honest.
 */
export async function openMany(
  ctx: LinkContext,
  shares: readonly RingVector[],
  what: string,
): Promise<RingVector[]> {
  const { ring, link } = ctx;
  const theirs = await link.exchange(toMessage(ring, shares), what);
  return scope(() => fromMessage(ring, theirs, shares).map((share, i) => ring.add(shares[i]!, share)));
}

/** Write shares one after another, each byte only once, because opened matrices can be large. */
export function toMessage(ring: Ring, shares: readonly RingVector[]): Uint8Array {
  const size = ring.bytes * shares.reduce((sum, { length }) => sum + length, 0);
  const message = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  shares.reduce((at, share) => {
    const end = at + share.length * ring.bytes;
    ring.toBytes(share, message.subarray(at, end));
    return end;
  }, 0);
  return message;
}

/** Read shares from such a message, of the same lengths as `like`. */
export function fromMessage(
  ring: Ring,
  message: Uint8Array,
  like: readonly { readonly length: number }[],
): RingVector[] {
  let at = 0;
  return like.map(({ length }) => {
    const from = at;
    at += length * ring.bytes;
    return ring.fromBytes(message.subarray(from, at), length);
  });
}

/** Open one shared vector to both parties. */
export async function open(ctx: LinkContext, share: RingVector, what: string): Promise<RingVector> {
  const [value] = await openMany(ctx, [share], what);
  return value!;
}
