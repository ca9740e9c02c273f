import type { ByteSource, RingVector } from "../ring";

/**
 * Two additive shares of x: one uniformly random, the other the difference. Either alone tells nothing.
 *
 * @param source - secret randomness of the party that shares
 * Source: folklore; for the ring Z_2^k as in SPDZ2k, ePrint 2018/482, without MACs.
 */
export function shareVector(x: RingVector, source: ByteSource): [RingVector, RingVector] {
  const first = x.ring.random(x.length, source);
  return [first, x.ring.sub(x, first)];
}
