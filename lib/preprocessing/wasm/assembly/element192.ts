// Steps on one element mod 2^192, t, low word first, from which the kernels on such elements are made.
import { umulh } from "./word128";

/** Bytes on the wire of an element mod 2^168, and the mask of its highest word. */
export const PACKED: usize = 21;
export const TOP: u64 = (1 << 40) - 1;

export let t0: u64 = 0;
export let t1: u64 = 0;
export let t2: u64 = 0;

// @ts-ignore: decorator
@inline
export function set(x0: u64, x1: u64, x2: u64): void {
  t0 = x0;
  t1 = x1;
  t2 = x2;
}

// @ts-ignore: decorator
@inline
export function fetch(x: usize): void {
  set(load<u64>(x), load<u64>(x, 8), load<u64>(x, 16));
}

// @ts-ignore: decorator
@inline
export function put(to: usize): void {
  store<u64>(to, t0);
  store<u64>(to, t1, 8);
  store<u64>(to, t2, 16);
}

/** t += x. */
// @ts-ignore: decorator
@inline
export function plus(x0: u64, x1: u64, x2: u64): void {
  t0 += x0;
  const c = u64(t0 < x0);
  const m = t1 + x1;
  t1 = m + c;
  t2 += x2 + u64(m < x1) + u64(t1 < m);
}

/** t += x · 2^bits. */
export function plusShifted(x: u64, bits: u64): void {
  const word = bits >> 6;
  const by = bits & 63;
  const low = x << by;
  const high = by == 0 ? 0 : x >> (64 - by);
  if (word == 0) plus(low, high, 0);
  else if (word == 1) plus(0, low, high);
  else plus(0, 0, low);
}

/** t −= x. */
// @ts-ignore: decorator
@inline
export function minus(x0: u64, x1: u64, x2: u64): void {
  const b = u64(t0 < x0);
  t0 -= x0;
  const m = t1 - x1;
  const c = u64(t1 < x1) + u64(m < b);
  t1 = m - b;
  t2 -= x2 + c;
}

/** t *= c. */
// @ts-ignore: decorator
@inline
export function scale(c: u64): void {
  const h0 = umulh(t0, c);
  const m = t1 * c;
  const h1 = umulh(t1, c);
  t0 *= c;
  t1 = m + h0;
  t2 = t2 * c + h1 + u64(t1 < m);
}

/** t *= y. */
// @ts-ignore: decorator
@inline
export function times(y0: u64, y1: u64, y2: u64): void {
  const x0 = t0;
  const x1 = t1;
  const p = x0 * y1;
  const top = umulh(x0, y1) + x1 * y1 + x0 * y2;
  scale(y0);
  // Now t = x·y0; add x·y1 one word and x·y2 two words up.
  t1 += p;
  t2 += top + u64(t1 < p);
}

/** t = −t. */
// @ts-ignore: decorator
@inline
export function negate(): void {
  const x0 = t0;
  const x1 = t1;
  const x2 = t2;
  set(0, 0, 0);
  minus(x0, x1, x2);
}
