// Both halves of Beaver's product of shares with MACs mod 2^128, each in one pass. A triple of n elements is stored as
// a, its MACs, b, its MACs, c, its MACs.

import { mulHigh } from "./word128";

/** x − a: its low words, the whole elements, and the difference of the MACs. */
function difference(
  x: usize,
  xMac: usize,
  a: usize,
  aMac: usize,
  n: u32,
  low: usize,
  values: usize,
  macs: usize,
): void {
  for (const e = low + (<usize>n << 3); low < e; low += 8) {
    const p = load<u64>(x);
    const q = load<u64>(a);
    store<u64>(low, p - q);
    store<u64>(values, p - q);
    store<u64>(values, load<u64>(x, 8) - load<u64>(a, 8) - u64(p < q), 8);
    const r = load<u64>(xMac);
    const s = load<u64>(aMac);
    store<u64>(macs, r - s);
    store<u64>(macs, load<u64>(xMac, 8) - load<u64>(aMac, 8) - u64(r < s), 8);
    x += 16;
    a += 16;
    xMac += 16;
    aMac += 16;
    values += 16;
    macs += 16;
  }
}

/** x − a and y − b, one after the other in `low`, `values` and `macs`. */
export function maskFactors(
  x: usize,
  xMac: usize,
  y: usize,
  yMac: usize,
  triple: usize,
  n: u32,
  low: usize,
  values: usize,
  macs: usize,
): void {
  const size = <usize>n << 4;
  difference(x, xMac, triple, triple + size, n, low, values, macs);
  difference(y, yMac, triple + 2 * size, triple + 3 * size, n, low + (size >> 1), values + size, macs + size);
}

/** out = z + x·p + y·q for words p and q. */
// @ts-ignore: decorator
@inline
function combine(out: usize, z: usize, x: usize, p: u64, y: usize, q: u64, plus: u64, plusHigh: u64): void {
  const a = load<u64>(x);
  const b = load<u64>(y);
  let lo = load<u64>(z);
  let hi = load<u64>(z, 8) + mulHigh(a, p) + p * load<u64>(x, 8) + mulHigh(b, q) + q * load<u64>(y, 8) + plusHigh;
  const ap = a * p;
  lo += ap;
  hi += u64(lo < ap);
  const bq = b * q;
  lo += bq;
  hi += u64(lo < bq);
  lo += plus;
  hi += u64(lo < plus);
  store<u64>(out, lo);
  store<u64>(out, hi, 8);
}

/**
 * c + epsilon·b + delta·a + epsilon·delta and its MAC, from both parties' low words.
 *
 * @param alpha - this party's part of the MAC key
 * @param first - 1 at the party that adds the public terms, else 0
 * @param opened - receives the sums of the low words mod 2^64, as elements
 */
export function maskedProducts(
  triple: usize,
  mine: usize,
  theirs: usize,
  n: u32,
  alpha: u64,
  first: u64,
  opened: usize,
  value: usize,
  mac: usize,
): void {
  const size = <usize>n << 4;
  const half = size >> 1;
  for (const e = triple + size; triple < e; triple += 16) {
    const epsilon = load<u64>(mine) + load<u64>(theirs);
    store<u64>(opened, epsilon);
    store<u64>(opened, 0, 8);
    const delta = load<u64>(mine + half) + load<u64>(theirs + half);
    store<u64>(opened + size, delta);
    store<u64>(opened + size, 0, 8);
    const lo = epsilon * delta;
    const hi = mulHigh(epsilon, delta);
    const b = triple + 2 * size;
    const c = triple + 4 * size;
    combine(value, c, triple, delta, b, epsilon, lo * first, hi * first);
    combine(mac, c + size, triple + size, delta, b + size, epsilon, lo * alpha, mulHigh(lo, alpha) + hi * alpha);
    mine += 8;
    theirs += 8;
    opened += 16;
    value += 16;
    mac += 16;
  }
}
