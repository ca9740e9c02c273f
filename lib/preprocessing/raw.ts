import { ring128 } from "../ring";
import type { AuthenticatedVector } from "../sharing/authenticated";

/** Bytes of an element mod 2^128. */
export const ELEMENT = 16;

/** Shares of values and of their MACs as bytes, 16 an element: what a stock holds and what travels between threads. */
export interface RawVector {
  readonly values: Uint8Array;
  readonly macs: Uint8Array;
}

export function toShares({ values, macs }: RawVector): AuthenticatedVector {
  const count = values.length / ELEMENT;
  return { value: ring128.fromBytes(values, count), mac: ring128.fromBytes(macs, count) };
}

export function toRaw({ value, mac }: AuthenticatedVector): RawVector {
  return { values: ring128.toBytes(value), macs: ring128.toBytes(mac) };
}

/** Overwrites it. */
export function burn({ values, macs }: RawVector): void {
  values.fill(0);
  macs.fill(0);
}
