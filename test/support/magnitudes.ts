import { type ByteSource, type RingVector, ring64, scope } from "../../lib/ring";

/** Numbers of every magnitude: element i is below 2^(i mod 63) and of random sign. */
export function everyMagnitude(length: number, random: ByteSource): RingVector {
  return scope(() => {
    const low = ring64.random(length, random);
    const masks = Array.from({ length: 63 }, (_, i) => (1n << BigInt(i)) - 1n);
    const mask = ring64.strided(ring64.fromBigInts(masks), [Math.ceil(length / 63), 63], [0, 1], 0);
    const magnitude = ring64.and(low, ring64.slice(mask, 0, length));
    const sign = ring64.addScalar(
      ring64.neg(ring64.shiftLeft(ring64.andScalar(ring64.random(length, random), 1n), 1)),
      1n,
    );
    return ring64.mul(magnitude, sign);
  });
}
