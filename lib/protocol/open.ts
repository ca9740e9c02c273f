import { concatBytes } from "../crypto/bytes";
import { keep, type RingVector, scope } from "../ring";
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
  const mine = shares.map((share) => ring.toBytes(share));
  const theirs = await online.exchange(mine.length === 1 ? mine[0]! : concatBytes(...mine), what);
  let at = 0;
  return scope(() =>
    shares.map((share) => {
      const end = at + share.length * ring.bytes;
      const value = ring.add(share, ring.fromBytes(theirs.subarray(at, end), share.length));
      at = end;
      return keep(value);
    }),
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
