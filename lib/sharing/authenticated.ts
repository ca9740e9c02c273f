import type { Party } from "../channel/channel";
import { type BytePair, type RingVector, ring128 } from "../ring";

/**
 * This party's shares of values and of their MACs, mod 2^128: value_0 + value_1 = x and
 * mac_0 + mac_1 = (alpha_0 + alpha_1) · x. The value is x mod 2^64; the bits above it make forgeries detectable.
 *
 * Source: SPDZ2k, ePrint 2018/482, section 3, with k = s = 64.
 */
export interface AuthenticatedVector {
  readonly value: RingVector;
  readonly mac: RingVector;
}

/** This party's part of the MAC key, uniform in 64 bits. */
export interface MacKey {
  readonly party: Party;
  readonly alpha: bigint;
  /** This party's key for authenticated bits (bits.ts); absent where the producer makes none. */
  readonly delta?: Uint8Array;
}

/** Read shares from their bytes, 16 for each element and as many for its MAC. */
export function toShares({ values, macs }: BytePair): AuthenticatedVector {
  const count = values.length / ring128.bytes;
  return { value: ring128.fromBytes(values, count), mac: ring128.fromBytes(macs, count) };
}

/** Make a linear operation, which needs no communication and is the same on values and MACs. */
function each(f: (...vectors: RingVector[]) => RingVector) {
  return (...shares: AuthenticatedVector[]): AuthenticatedVector => ({
    value: f(...shares.map(({ value }) => value)),
    mac: f(...shares.map(({ mac }) => mac)),
  });
}

/** Compute x + y. */
export const addShares: (x: AuthenticatedVector, y: AuthenticatedVector) => AuthenticatedVector = each(
  (x, y) => ring128.add(x!, y!),
);

/** Compute x − y. */
export const subShares: (x: AuthenticatedVector, y: AuthenticatedVector) => AuthenticatedVector = each(
  (x, y) => ring128.sub(x!, y!),
);

/** Compute −x. */
export const negShares: (x: AuthenticatedVector) => AuthenticatedVector = each((x) => ring128.neg(x!));

/** Apply a linear map with public coefficients, such as a gather, a sum or a product with a public matrix. */
export function mapShares(
  x: AuthenticatedVector,
  linear: (vector: RingVector) => RingVector,
): AuthenticatedVector {
  return { value: linear(x.value), mac: linear(x.mac) };
}

/** Compute x · c element by element, for public c mod 2^128. */
export function mulPublic(x: AuthenticatedVector, c: RingVector): AuthenticatedVector {
  return mapShares(x, (vector) => ring128.mul(vector, c));
}

/** Compute x + c for public c mod 2^128: party 0 adds it, and both parties adapt the MAC. */
export function addPublic(
  { party, alpha }: MacKey,
  x: AuthenticatedVector,
  c: RingVector,
): AuthenticatedVector {
  return {
    value: party === 0 ? ring128.add(x.value, c) : x.value,
    mac: ring128.add(x.mac, ring128.mulScalar(c, alpha)),
  };
}

/** Make shares of public values. */
export function publicShares(key: MacKey, c: RingVector): AuthenticatedVector {
  const zeros = ring128.zeros(c.length);
  return addPublic(key, { value: zeros, mac: zeros }, c);
}

/** Take the elements from `start` up to, but not including, `end`. */
export function sliceShares(x: AuthenticatedVector, start: number, end: number): AuthenticatedVector {
  return mapShares(x, (vector) => ring128.slice(vector, start, end));
}

export function concatShares(parts: readonly AuthenticatedVector[]): AuthenticatedVector {
  return {
    value: ring128.concat(parts.map(({ value }) => value)),
    mac: ring128.concat(parts.map(({ mac }) => mac)),
  };
}

/** Free the storage of shares that are no longer needed. */
export function disposeShares(...shares: readonly AuthenticatedVector[]): void {
  for (const { value, mac } of shares) {
    value.dispose();
    mac.dispose();
  }
}
