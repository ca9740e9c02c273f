import { type RingVector, ring64 } from "../../ring";
import type { Scheme } from "../scheme";

/**
 * Additive shares mod 2^64, without MACs: a party that deviates can change results unnoticed.
 *
 * Security: semi-honest, as long as the source of correlated randomness is.
 */
export const additiveScheme: Scheme<RingVector> = {
  name: "additive",
  linear: (shares, map) => map(ring64, shares),
  lift: (words) => words,
  zeros: (length) => ring64.zeros(length),
  addPublic: (party, x, c) => (party === 0 ? ring64.add(x, c) : x),
  words: (x) => x,
  elementBytes: ring64.bytes,
  toBytes: (x) => ring64.toBytes(x),
  fromBytes: (bytes, length) => ring64.fromBytes(bytes, length),
};
