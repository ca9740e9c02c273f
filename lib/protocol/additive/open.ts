import { type Ring, type RingVector, scope } from "../../ring";
import type { LinkContext } from "./context";

/**
 * Opens several shared vectors to both parties at once.
 *
 * @param shares - this party's shares
 * @param what - for people: what they are
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

/** Shares one after the other, every byte written just once: large matrices are opened. */
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

/** Shares from such a message, as long as these. */
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

/** Opens one shared vector to both parties. */
export async function open(ctx: LinkContext, share: RingVector, what: string): Promise<RingVector> {
  const [value] = await openMany(ctx, [share], what);
  return value!;
}
