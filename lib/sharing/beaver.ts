import { type BytePair, type RingVector, ring128, type SharedProducts, scope } from "../ring";
import { type AuthenticatedVector, addPublic, type MacKey, subShares, toShares } from "./authenticated";
import { type Begun, beginOpening, endOpening, type OpeningLog } from "./opening";

/** Authenticated shares of random a and b and of c = a·b. Used once. */
export interface AuthenticatedTriple {
  readonly a: AuthenticatedVector;
  readonly b: AuthenticatedVector;
  readonly c: AuthenticatedVector;
}

/**
 * Compute shares of x·y from opened epsilon = x − a and delta = y − b: c + epsilon·b + delta·a + epsilon·delta.
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

/**
 * Compute the first half of a product: x − a and y − b, which are to be opened.
 *
 * @param triple - a, b and c as bytes, of x's length
 * @param products - the ring's fused products; null computes step by step, for tests. Default: the ring's, if it has them.
 */
export function beginProduct(
  x: AuthenticatedVector,
  y: AuthenticatedVector,
  triple: readonly BytePair[],
  products: SharedProducts | null = ring128.sharedProducts ?? null,
): Begun {
  if (!products)
    return scope(() => {
      const [a, b] = triple.slice(0, 2).map(toShares) as [AuthenticatedVector, AuthenticatedVector];
      return beginOpening([subShares(x, a), subShares(y, b)]);
    });
  const { low, values, macs } = products.mask(x, y, triple);
  return { message: low, mine: low.slice(), values, macs, lengths: [x.value.length, y.value.length] };
}

/**
 * Compute the second half: this party's shares of the products, from the other party's message. Log the openings.
 *
 * @param triple - the same triple; the caller destroys it
 */
export function endProduct(
  key: MacKey,
  log: OpeningLog,
  triple: readonly BytePair[],
  begun: Begun,
  theirs: Uint8Array,
  products: SharedProducts | null = ring128.sharedProducts ?? null,
): AuthenticatedVector {
  if (!products)
    return scope(() => {
      const [a, b, c] = triple.map(toShares) as [
        AuthenticatedVector,
        AuthenticatedVector,
        AuthenticatedVector,
      ];
      const [epsilon, delta] = endOpening(log, begun, theirs) as [RingVector, RingVector];
      return beaverProduct(key, { a, b, c }, epsilon, delta);
    });
  const { mine, values, macs } = begun;
  const { value, mac, opened } = products.multiply(triple, mine, theirs, key.alpha, key.party === 0);
  log.add({ values, macs, opened });
  return { value, mac };
}
