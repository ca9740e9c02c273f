// Arithmetic mod 2^128 on pairs of words, low word first. Selections by secret bits are masks, not branches.

// @ts-ignore: decorator
@inline
export function umulh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const m = a1 * b0 + ((a0 * b0) >> 32);
  const n = a0 * b1 + (m & 0xffffffff);
  return a1 * b1 + (m >> 32) + (n >> 32);
}

/**
 * The sender's half of products of one value b for each `group` transfers with the receiver's choice bits:
 * corrections d = h0 − h1 + b, and the own share −h0.
 */
export function gilboaSend(h0: usize, h1: usize, b: usize, group: usize, count: usize, d: usize, share: usize): void {
  let left = group;
  for (let i: usize = 0; i < count; i++) {
    const p = load<u64>(h0);
    const q = load<u64>(h0, 8);
    const u = load<u64>(h1);
    const w = load<u64>(h1, 8);
    const lo = p - u;
    const hi = q - w - u64(p < u);
    const sum = lo + load<u64>(b);
    store<u64>(d, sum);
    store<u64>(d, hi + load<u64>(b, 8) + u64(sum < lo), 8);
    store<u64>(share, 0 - p);
    store<u64>(share, 0 - q - u64(p != 0), 8);
    h0 += 16;
    h1 += 16;
    d += 16;
    share += 16;
    if (--left == 0) {
      left = group;
      b += 16;
    }
  }
}

/** Adds the receiver's half: share += hash + bit · (d + b), where b is the receiver's own value for the group. */
export function gilboaReceive(
  hash: usize, d: usize, bits: usize, b: usize, group: usize, count: usize, share: usize,
): void {
  let left = group;
  for (let i: usize = 0; i < count; i++) {
    const mask = 0 - ((load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) as u64;
    const d0 = load<u64>(d);
    let lo = d0 + load<u64>(b);
    let hi = load<u64>(d, 8) + load<u64>(b, 8) + u64(lo < d0);
    lo &= mask;
    hi &= mask;
    const h = load<u64>(hash);
    lo += h;
    hi += load<u64>(hash, 8) + u64(lo < h);
    const s = load<u64>(share) + lo;
    store<u64>(share, load<u64>(share, 8) + hi + u64(s < lo), 8);
    store<u64>(share, s);
    hash += 16;
    d += 16;
    share += 16;
    if (--left == 0) {
      left = group;
      b += 16;
    }
  }
}

/**
 * Sums of `group` products, and of as many bits, weighted twice: c = Σ r·e, c' = Σ r'·e, a = Σ r·bit, a' = Σ r'·bit.
 */
export function combine(
  e: usize, bits: usize, r: usize, s: usize, group: usize, groups: usize, c: usize, c2: usize, a: usize, a2: usize,
): void {
  let bit: usize = 0;
  for (let g: usize = 0; g < groups; g++) {
    let cl: u64 = 0, ch: u64 = 0, dl: u64 = 0, dh: u64 = 0;
    let al: u64 = 0, ah: u64 = 0, bl: u64 = 0, bh: u64 = 0;
    for (let i: usize = 0; i < group; i++) {
      const el = load<u64>(e);
      const eh = load<u64>(e, 8);
      const rl = load<u64>(r + i * 16);
      const rh = load<u64>(r + i * 16, 8);
      const sl = load<u64>(s + i * 16);
      const sh = load<u64>(s + i * 16, 8);
      const p = el * rl;
      cl += p;
      ch += umulh(el, rl) + el * rh + eh * rl + u64(cl < p);
      const q = el * sl;
      dl += q;
      dh += umulh(el, sl) + el * sh + eh * sl + u64(dl < q);
      const mask = 0 - ((load<u8>(bits + (bit >> 3)) >> (bit & 7)) & 1) as u64;
      const ml = rl & mask;
      al += ml;
      ah += (rh & mask) + u64(al < ml);
      const nl = sl & mask;
      bl += nl;
      bh += (sh & mask) + u64(bl < nl);
      e += 16;
      bit++;
    }
    const at = g * 16;
    store<u64>(c + at, cl);
    store<u64>(c + at, ch, 8);
    store<u64>(c2 + at, dl);
    store<u64>(c2 + at, dh, 8);
    store<u64>(a + at, al);
    store<u64>(a + at, ah, 8);
    store<u64>(a2 + at, bl);
    store<u64>(a2 + at, bh, 8);
  }
}

let low: u64 = 0;
let high: u64 = 0;

// @ts-ignore: decorator
@inline
function multiplyTo(a: usize, b0: u64, b1: u64): void {
  const a0 = load<u64>(a);
  low = a0 * b0;
  high = umulh(a0, b0) + a0 * b1 + load<u64>(a, 8) * b0;
}

// @ts-ignore: decorator
@inline
function subtract(a: usize): void {
  const a0 = load<u64>(a);
  const borrow = u64(low < a0);
  low -= a0;
  high -= load<u64>(a, 8) + borrow;
}

/** to += x. */
export function add128(to: usize, x: usize, count: usize): void {
  for (let i: usize = 0; i < count * 16; i += 16) {
    const a = load<u64>(x + i);
    const s = load<u64>(to + i) + a;
    store<u64>(to + i, load<u64>(to + i, 8) + load<u64>(x + i, 8) + u64(s < a), 8);
    store<u64>(to + i, s);
  }
}

/** rho = t·x − y for each of `count` elements. */
export function sacrificeRho(x: usize, y: usize, t: u64, count: usize, rho: usize): void {
  for (let i: usize = 0; i < count * 16; i += 16) {
    multiplyTo(x + i, t, 0);
    subtract(y + i);
    store<u64>(rho + i, low);
    store<u64>(rho + i, high, 8);
  }
}

/**
 * Adds to `sum` this party's share of Σ chi·(mac(t·a − a') − alpha·rho) + Σ psi·mac(t·c − c' − rho·b), where `rho`
 * was opened and the macs are given; chi and psi are words that alternate in `weights`.
 */
export function sacrificeCheck(
  ma: usize, ma2: usize, mb: usize, mc: usize, mc2: usize, rho: usize, t: u64, alpha: u64, weights: usize,
  count: usize, sum: usize,
): void {
  let l = load<u64>(sum);
  let h = load<u64>(sum, 8);
  for (let i: usize = 0; i < count * 16; i += 16) {
    const r0 = load<u64>(rho + i);
    const r1 = load<u64>(rho + i, 8);
    multiplyTo(ma + i, t, 0);
    subtract(ma2 + i);
    const x0 = low;
    const x1 = high;
    const p0 = r0 * alpha;
    const y0 = x0 - p0;
    const y1 = x1 - (umulh(r0, alpha) + r1 * alpha) - u64(x0 < p0);
    const chi = load<u64>(weights + i);
    const q0 = y0 * chi;
    l += q0;
    h += umulh(y0, chi) + y1 * chi + u64(l < q0);
    multiplyTo(mb + i, r0, r1);
    const z0 = low;
    const z1 = high;
    multiplyTo(mc + i, t, 0);
    subtract(mc2 + i);
    const w0 = low - z0;
    const w1 = high - z1 - u64(low < z0);
    const psi = load<u64>(weights + i, 8);
    const s0 = w0 * psi;
    l += s0;
    h += umulh(w0, psi) + w1 * psi + u64(l < s0);
  }
  store<u64>(sum, l);
  store<u64>(sum, h, 8);
}
