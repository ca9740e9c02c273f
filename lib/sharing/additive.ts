import type { ByteSource, RingVector } from "../ring";

/**
 * Split x into two additive shares: one is uniformly random, the other the difference. Either alone reveals nothing.
 *
 * @param source - secret randomness of the sharing party
 * Source: folklore; for the ring Z_2^k as in SPDZ2k, ePrint 2018/482, without MACs.
 */
export function shareVector(x: RingVector, source: ByteSource): [RingVector, RingVector] {
  const first = x.ring.random(x.length, source);
  return [first, x.ring.sub(x, first)];
}
