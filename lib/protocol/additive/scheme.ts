import type { RingVector } from "../../ring";
import { ring64 } from "../../ring";
import type { Scheme } from "../scheme";
import type { AdditiveContext } from "./context";
import { input } from "./input";
import { matmul } from "./matmul";
import { multiply } from "./multiply";
import { release } from "./release";
import { reveal, revealTo } from "./reveal";
import { square } from "./square";
import { truncate } from "./truncate";

/**
 * Additive shares mod 2^64, without MACs: a party that deviates can change results unnoticed.
 *
 * Security: semi-honest, as long as the source of correlated randomness is.
 */
export const additiveScheme: Scheme<RingVector, AdditiveContext> = {
  linear: (shares, map) => map(ring64, shares),
  lift: (words) => words,
  addPublic: (party, x, c) => (party === 0 ? ring64.add(x, c) : x),
  words: (x) => x,
  protocols: { input, multiply, square, matmul, truncate, reveal, revealTo, release },
};
