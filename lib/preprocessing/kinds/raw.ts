import { type RingVector, ring64, ring128 } from "../../ring";
import type { AuthenticatedVector } from "../../sharing/authenticated";

/** Bytes of an element mod 2^128. */
export const ELEMENT = 16;

/** Bytes of an element's value and of its MAC, in a share. */
export interface ShareLayout {
  readonly value: number;
  readonly mac: number;
}

/** Shares mod 2^64 without MACs. */
export const PLAIN: ShareLayout = { value: 8, mac: 0 };
/** Shares mod 2^128 with MACs. */
export const AUTHENTICATED: ShareLayout = { value: ELEMENT, mac: ELEMENT };

/** Shares of values and of their MACs as bytes, as stocks hold them and threads pass them on. */
export interface RawVector {
  readonly values: Uint8Array;
  /** Empty where shares have no MACs. */
  readonly macs: Uint8Array;
}

export { toShares } from "../../sharing/authenticated";

export function toRaw({ value, mac }: AuthenticatedVector): RawVector {
  return { values: ring128.toBytes(value), macs: ring128.toBytes(mac) };
}

/** Overwrite shares. */
export function burn({ values, macs }: RawVector): void {
  values.fill(0);
  macs.fill(0);
}

/** Read shares without MACs as ring elements. */
export function toWords({ values }: RawVector): RingVector {
  return ring64.fromBytes(values, values.length / PLAIN.value);
}
