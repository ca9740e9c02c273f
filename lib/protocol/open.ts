import type { RingVector } from "../ring";
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
  const size = shares.reduce((total, share) => total + share.length * ring.bytes, 0);
  const mine = new Uint8Array(size);
  let at = 0;
  for (const share of shares) {
    mine.set(ring.toBytes(share), at);
    at += share.length * ring.bytes;
  }
  const theirs = await online.exchange(mine, what);
  at = 0;
  return shares.map((share) => {
    const end = at + share.length * ring.bytes;
    const value = ring.add(share, ring.fromBytes(theirs.subarray(at, end), share.length));
    at = end;
    return value;
  });
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
