import { type RingVector, scope } from "../ring";
import type { OperationContext } from "./context";

/**
 * Opens several shared vectors to both parties at once.
 *
 * @param shares - this party's shares
 * @param what - for people: what they are
 * @returns the values, in the same order
 *
 * Cost: 1 round, the size of all vectors each way. Security: semi-honest.
 */
export async function openMany(
  ctx: Pick<OperationContext, "ring" | "online">,
  shares: readonly RingVector[],
  what: string,
): Promise<RingVector[]> {
  const { ring, online } = ctx;
  // One array, every byte of it written just once: large matrices are opened here.
  const size = ring.bytes * shares.reduce((sum, { length }) => sum + length, 0);
  const mine = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  let at = 0;
  const part = (bytes: Uint8Array, { length }: RingVector) => {
    const from = at;
    at += length * ring.bytes;
    return bytes.subarray(from, at);
  };
  for (const share of shares) ring.toBytes(share, part(mine, share));
  const theirs = await online.exchange(mine, what);
  at = 0;
  return scope(() =>
    shares.map((share) => ring.add(share, ring.fromBytes(part(theirs, share), share.length))),
  );
}

/** Opens one shared vector to both parties. Cost: 1 round. */
export async function open(
  ctx: Pick<OperationContext, "ring" | "online">,
  share: RingVector,
  what: string,
): Promise<RingVector> {
  const [value] = await openMany(ctx, [share], what);
  return value!;
}
