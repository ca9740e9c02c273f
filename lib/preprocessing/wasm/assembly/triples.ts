// The steps of a triple. Elements lie as 24 bytes, low word first, and count mod 2^168: what is above is noise and is
// dropped wherever elements travel or are compared. Selections by secret bits are masks, not branches.
import { fetch, minus, plus, put, scale, set, t0, t1, t2, times } from "./element192";

/** Bytes of an element on the wire. */
const PACKED: usize = 21;
const TOP: u64 = (1 << 40) - 1;

/**
 * The sender's half of products of one value b for each `group` transfers with the receiver's choice bits:
 * corrections d = h0 − h1 + b, packed, and the own share −h0. A pad is the 16 bytes of h and 5 of g.
 */
export function gilboaSend(
  h0: usize, g0: usize, h1: usize, g1: usize, b: usize, group: usize, count: usize, d: usize, share: usize,
): void {
  let left = group;
  for (let i: usize = 0; i < count; i++) {
    const p0 = load<u64>(h0);
    const p1 = load<u64>(h0, 8);
    const p2 = load<u64>(g0);
    set(0, 0, 0);
    minus(p0, p1, p2);
    put(share);
    set(p0, p1, p2);
    minus(load<u64>(h1), load<u64>(h1, 8), load<u64>(g1));
    plus(load<u64>(b), load<u64>(b, 8), load<u64>(b, 16));
    // The three bytes too many are the next element's, or spare at the end.
    put(d);
    h0 += 16;
    g0 += 16;
    h1 += 16;
    g1 += 16;
    d += PACKED;
    share += 24;
    if (--left == 0) {
      left = group;
      b += 24;
    }
  }
}

/** Adds the receiver's half: share += pad + bit · (d + b), where b is the receiver's own value for the group. */
export function gilboaReceive(
  h: usize, g: usize, d: usize, bits: usize, b: usize, group: usize, count: usize, share: usize,
): void {
  let left = group;
  for (let i: usize = 0; i < count; i++) {
    const mask = 0 - ((load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) as u64;
    set(load<u64>(d), load<u64>(d, 8), load<u64>(d, 16) & TOP);
    plus(load<u64>(b), load<u64>(b, 8), load<u64>(b, 16));
    set(t0 & mask, t1 & mask, t2 & mask);
    plus(load<u64>(h), load<u64>(h, 8), load<u64>(g));
    plus(load<u64>(share), load<u64>(share, 8), load<u64>(share, 16));
    put(share);
    h += 16;
    g += 16;
    d += PACKED;
    share += 24;
    if (--left == 0) {
      left = group;
      b += 24;
    }
  }
}

/**
 * Sums of `group` products, and of as many bits, weighted twice: by words r, and by elements s.
 * c = Σ r·e, a = Σ r·bit, c' = Σ s·e, a' = Σ s·bit.
 */
export function combine(
  e: usize, bits: usize, r: usize, s: usize, group: usize, groups: usize, c: usize, c2: usize, a: usize, a2: usize,
): void {
  let bit: usize = 0;
  for (let g: usize = 0; g < groups; g++) {
    let c0: u64 = 0, c1: u64 = 0, c2_: u64 = 0;
    let d0: u64 = 0, d1: u64 = 0, d2: u64 = 0;
    let a0: u64 = 0, a1: u64 = 0;
    let b0: u64 = 0, b1: u64 = 0, b2: u64 = 0;
    for (let i: usize = 0; i < group; i++) {
      const mask = 0 - ((load<u8>(bits + (bit >> 3)) >> (bit & 7)) & 1) as u64;
      const word = load<u64>(r + i * 8);
      fetch(e);
      scale(word);
      plus(c0, c1, c2_);
      c0 = t0;
      c1 = t1;
      c2_ = t2;
      const m = word & mask;
      a0 += m;
      a1 += u64(a0 < m);
      const w = s + i * 24;
      const s0 = load<u64>(w);
      const s1 = load<u64>(w, 8);
      const s2 = load<u64>(w, 16);
      fetch(e);
      times(s0, s1, s2);
      plus(d0, d1, d2);
      d0 = t0;
      d1 = t1;
      d2 = t2;
      set(s0 & mask, s1 & mask, s2 & mask);
      plus(b0, b1, b2);
      b0 = t0;
      b1 = t1;
      b2 = t2;
      e += 24;
      bit++;
    }
    const at = g * 24;
    set(c0, c1, c2_);
    put(c + at);
    set(d0, d1, d2);
    put(c2 + at);
    set(a0, a1, 0);
    put(a + at);
    set(b0, b1, b2);
    put(a2 + at);
  }
}

/** to += x. */
export function add192(to: usize, x: usize, count: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    plus(load<u64>(to + i), load<u64>(to + i, 8), load<u64>(to + i, 16));
    put(to + i);
  }
}

/** Elements as 21 bytes each; three more bytes behind them are written. */
export function pack(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    fetch(x + i * 24);
    put(to + i * PACKED);
  }
}

/** to += packed elements; three more bytes behind them are read. */
export function addPacked(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    set(load<u64>(x + i * PACKED), load<u64>(x + i * PACKED, 8), load<u64>(x + i * PACKED, 16) & TOP);
    const at = to + i * 24;
    plus(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16));
    put(at);
  }
}

/** mac = alpha·x − v: the share of whoever knows x. */
export function macOfOwn192(x: usize, v: usize, alpha: u64, count: usize, mac: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    scale(alpha);
    minus(load<u64>(v + i), load<u64>(v + i, 8), load<u64>(v + i, 16));
    put(mac + i);
  }
}

/** rho = t·x − y for each of `count` elements. */
export function sacrificeRho(x: usize, y: usize, t: u64, count: usize, rho: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    scale(t);
    minus(load<u64>(y + i), load<u64>(y + i, 8), load<u64>(y + i, 16));
    put(rho + i);
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
  for (let i: usize = 0; i < count; i++) {
    const at = i * 24;
    const r0 = load<u64>(rho + at);
    const r1 = load<u64>(rho + at, 8);
    const r2 = load<u64>(rho + at, 16);
    set(r0, r1, r2);
    scale(alpha);
    plus(load<u64>(ma2 + at), load<u64>(ma2 + at, 8), load<u64>(ma2 + at, 16));
    const n0 = t0, n1 = t1, n2 = t2;
    fetch(ma + at);
    scale(t);
    minus(n0, n1, n2);
    scale(load<u64>(weights + i * 16));
    plus(load<u64>(sum), load<u64>(sum, 8), load<u64>(sum, 16));
    put(sum);
    fetch(mb + at);
    times(r0, r1, r2);
    plus(load<u64>(mc2 + at), load<u64>(mc2 + at, 8), load<u64>(mc2 + at, 16));
    const w0 = t0, w1 = t1, w2 = t2;
    fetch(mc + at);
    scale(t);
    minus(w0, w1, w2);
    scale(load<u64>(weights + i * 16, 8));
    plus(load<u64>(sum), load<u64>(sum, 8), load<u64>(sum, 16));
    put(sum);
  }
}

/** Subset sums: to_j += Σ of the x_i whose bit (i, j) is set; row i of `subsets` is a word, one bit for each of 64 sums. */
export function subsetSums192(x: usize, subsets: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row = load<u64>(subsets + i * 8);
    const at = x + i * 24;
    const x0 = load<u64>(at);
    const x1 = load<u64>(at, 8);
    const x2 = load<u64>(at, 16);
    for (let j: usize = 0; j < 64; j++) {
      const mask = 0 - ((row >> (j as u64)) & 1);
      set(x0 & mask, x1 & mask, x2 & mask);
      const sum = to + j * 24;
      plus(load<u64>(sum), load<u64>(sum, 8), load<u64>(sum, 16));
      put(sum);
    }
  }
}

/** The low 40 bits of each element, as a word each. */
export function lowBits(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) store<u64>(to + i * 8, load<u64>(x + i * 24) & TOP);
}

/**
 * to = (x − noise·y) / 2^40 mod 2^128, where the parties' x − noise·y add up to a multiple of 2^40: one rounds down,
 * the other up. The elements y are `stride` bytes apart, 0 for one that serves all.
 */
export function divide(x: usize, y: usize, stride: usize, noise: usize, up: u64, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    fetch(y + i * stride);
    scale(load<u64>(noise + i * 8));
    const n0 = t0, n1 = t1, n2 = t2;
    fetch(x + i * 24);
    minus(n0, n1, n2);
    const rest = u64((t0 & TOP) != 0) & up;
    const low = (t0 >> 40) | (t1 << 24);
    const high = (t1 >> 40) | (t2 << 24);
    store<u64>(to + i * 16, low + rest);
    store<u64>(to + i * 16, high + u64(low + rest < rest), 8);
  }
}

/** Elements mod 2^128 of elements mod 2^168. */
export function narrow(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(to + i * 16, load<u64>(x + i * 24));
    store<u64>(to + i * 16, load<u64>(x + i * 24, 8), 8);
  }
}
