import type { Party } from "../channel/channel";
import { type BytePair, type RingVector, ring128 } from "../ring";

/**
 * This party's shares of values and of their MACs, mod 2^128: value_0 + value_1 = x and
 * mac_0 + mac_1 = (alpha_0 + alpha_1) · x. Only x mod 2^64 means something; the bits above keep forgeries apart.
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
}

/** Shares from their bytes, 16 for each element and as many for its MAC. */
export function toShares({ values, macs }: BytePair): AuthenticatedVector {
  const count = values.length / ring128.bytes;
  return { value: ring128.fromBytes(values, count), mac: ring128.fromBytes(macs, count) };
}

/** The linear operations. They take no communication, and both halves undergo the same. */
function each(f: (...vectors: RingVector[]) => RingVector) {
  return (...shares: AuthenticatedVector[]): AuthenticatedVector => ({
    value: f(...shares.map(({ value }) => value)),
    mac: f(...shares.map(({ mac }) => mac)),
  });
}

/** x + y. */
export const addShares: (x: AuthenticatedVector, y: AuthenticatedVector) => AuthenticatedVector = each(
  (x, y) => ring128.add(x!, y!),
);

/** x − y. */
export const subShares: (x: AuthenticatedVector, y: AuthenticatedVector) => AuthenticatedVector = each(
  (x, y) => ring128.sub(x!, y!),
);

/** −x. */
export const negShares: (x: AuthenticatedVector) => AuthenticatedVector = each((x) => ring128.neg(x!));

/** Any linear map with public coefficients, such as a gather, a sum or a product with a public matrix. */
export function mapShares(
  x: AuthenticatedVector,
  linear: (vector: RingVector) => RingVector,
): AuthenticatedVector {
  return { value: linear(x.value), mac: linear(x.mac) };
}

/** x · c element by element, for public c mod 2^128. */
export function mulPublic(x: AuthenticatedVector, c: RingVector): AuthenticatedVector {
  return mapShares(x, (vector) => ring128.mul(vector, c));
}

/** x + c for public c mod 2^128: party 0 adds it, and both adapt the MAC. */
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

/** Shares of public values. */
export function publicShares(key: MacKey, c: RingVector): AuthenticatedVector {
  const zeros = ring128.zeros(c.length);
  return addPublic(key, { value: zeros, mac: zeros }, c);
}

/** Elements from `start` to before `end`. */
export function sliceShares(x: AuthenticatedVector, start: number, end: number): AuthenticatedVector {
  return mapShares(x, (vector) => ring128.slice(vector, start, end));
}

export function concatShares(parts: readonly AuthenticatedVector[]): AuthenticatedVector {
  return {
    value: ring128.concat(parts.map(({ value }) => value)),
    mac: ring128.concat(parts.map(({ mac }) => mac)),
  };
}

/** Frees the storage of shares that are needed no more. */
export function disposeShares(...shares: readonly AuthenticatedVector[]): void {
  for (const { value, mac } of shares) {
    value.dispose();
    mac.dispose();
  }
}
