import { type RingVector, ring128, scope } from "../ring";
import { type AuthenticatedVector, addPublic, type MacKey } from "./authenticated";

/** Authenticated shares of random a and b and of c = a·b. Used once. */
export interface AuthenticatedTriple {
  readonly a: AuthenticatedVector;
  readonly b: AuthenticatedVector;
  readonly c: AuthenticatedVector;
}

/**
 * Shares of x·y from opened epsilon = x − a and delta = y − b: c + epsilon·b + delta·a + epsilon·delta.
 *
 * Source: Beaver, CRYPTO 1991; authenticated as in SPDZ2k, ePrint 2018/482, section 5.
 */
export function beaverProduct(
  key: MacKey,
  { a, b, c }: AuthenticatedTriple,
  epsilon: RingVector,
  delta: RingVector,
): AuthenticatedVector {
  const add = (half: "value" | "mac") =>
    ring128.mulAdd(b[half], epsilon, ring128.mulAdd(a[half], delta, c[half]));
  return scope(() => addPublic(key, { value: add("value"), mac: add("mac") }, ring128.mul(epsilon, delta)));
}
