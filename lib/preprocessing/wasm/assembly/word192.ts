// Arithmetic mod 2^192 on triples of words, low word first.
import { umulh } from "./word128";

// @ts-ignore: decorator
@inline
function carry2(sum: u64, part: u64): u64 {
  return u64(sum < part);
}

let t0: u64 = 0;
let t1: u64 = 0;
let t2: u64 = 0;

/** t = x · c, mod 2^192. */
// @ts-ignore: decorator
@inline
function scale(x0: u64, x1: u64, x2: u64, c: u64): void {
  t0 = x0 * c;
  const h0 = umulh(x0, c);
  t1 = x1 * c + h0;
  t2 = x2 * c + umulh(x1, c) + carry2(t1, h0);
}

/** t += x. */
// @ts-ignore: decorator
@inline
function plus(x0: u64, x1: u64, x2: u64): void {
  t0 += x0;
  let c = u64(t0 < x0);
  const m = t1 + x1;
  const c1 = u64(m < x1);
  t1 = m + c;
  c = c1 + u64(t1 < m);
  t2 += x2 + c;
}

// @ts-ignore: decorator
@inline
function put(to: usize): void {
  store<u64>(to, t0);
  store<u64>(to, t1, 8);
  store<u64>(to, t2, 16);
}

/** t = −t. */
// @ts-ignore: decorator
@inline
function negate(): void {
  t0 = ~t0 + 1;
  const c = u64(t0 == 0);
  t1 = ~t1 + c;
  t2 = ~t2 + (c & u64(t1 == 0));
}

/**
 * Four leaves of `count` elements, `stride` bytes apart: sum = Σ leaf_y, and weighted = −Σ y·leaf_y.
 */
export function foldRing(leaves: usize, stride: usize, count: usize, sum: usize, weighted: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    const l1 = leaves + stride + i;
    const l2 = leaves + 2 * stride + i;
    const l3 = leaves + 3 * stride + i;
    // Sums of leaf 3, of 3 and 2, and of 3, 2 and 1 add up to the weighted sum.
    t0 = load<u64>(l3);
    t1 = load<u64>(l3, 8);
    t2 = load<u64>(l3, 16);
    const a0 = t0, a1 = t1, a2 = t2;
    plus(load<u64>(l2), load<u64>(l2, 8), load<u64>(l2, 16));
    const b0 = t0, b1 = t1, b2 = t2;
    plus(load<u64>(l1), load<u64>(l1, 8), load<u64>(l1, 16));
    const c0 = t0, c1 = t1, c2 = t2;
    plus(load<u64>(leaves + i), load<u64>(leaves + i, 8), load<u64>(leaves + i, 16));
    put(sum + i);
    t0 = a0;
    t1 = a1;
    t2 = a2;
    plus(b0, b1, b2);
    plus(c0, c1, c2);
    negate();
    put(weighted + i);
  }
}

/** to = x − y. */
export function subtract192(x: usize, y: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    t0 = load<u64>(y + i);
    t1 = load<u64>(y + i, 8);
    t2 = load<u64>(y + i, 16);
    negate();
    plus(load<u64>(x + i), load<u64>(x + i, 8), load<u64>(x + i, 16));
    put(to + i);
  }
}

/** Elements of 128 bits as elements of 192. */
export function widen(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(to + i * 24, load<u64>(x + i * 16));
    store<u64>(to + i * 24, load<u64>(x + i * 16, 8), 8);
    store<u64>(to + i * 24, 0, 16);
  }
}

/** to = alpha·x − v mod 2^128, from x of 128 and v of 192 bits: the MAC share of whoever knows x. */
export function macOfOwn(x: usize, v: usize, alpha: u64, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const x0 = load<u64>(x + i * 16);
    const p0 = x0 * alpha;
    const p1 = umulh(x0, alpha) + load<u64>(x + i * 16, 8) * alpha;
    const v0 = load<u64>(v + i * 24);
    store<u64>(to + i * 16, p0 - v0);
    store<u64>(to + i * 16, p1 - load<u64>(v + i * 24, 8) - u64(p0 < v0), 8);
  }
}

/** to += w mod 2^128: the MAC share of the other party. */
export function macOfPeer(w: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const w0 = load<u64>(w + i * 24);
    const s = load<u64>(to + i * 16) + w0;
    store<u64>(to + i * 16, load<u64>(to + i * 16, 8) + load<u64>(w + i * 24, 8) + u64(s < w0), 8);
    store<u64>(to + i * 16, s);
  }
}

/** weighted += delta · (sum + correction), delta from 0 to 3. */
export function applyDelta(sum: usize, correction: usize, delta: u64, count: usize, weighted: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    t0 = load<u64>(sum + i);
    t1 = load<u64>(sum + i, 8);
    t2 = load<u64>(sum + i, 16);
    plus(load<u64>(correction + i), load<u64>(correction + i, 8), load<u64>(correction + i, 16));
    scale(t0, t1, t2, delta);
    plus(load<u64>(weighted + i), load<u64>(weighted + i, 8), load<u64>(weighted + i, 16));
    put(weighted + i);
  }
}

/** to += factor · x. */
export function scaleAdd192(x: usize, factor: u64, count: usize, to: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    scale(load<u64>(x + i), load<u64>(x + i, 8), load<u64>(x + i, 16), factor);
    plus(load<u64>(to + i), load<u64>(to + i, 8), load<u64>(to + i, 16));
    put(to + i);
  }
}

/** to += Σ weight_i · x_i, weights of one word. */
export function combine192(x: usize, weights: usize, count: usize, to: usize): void {
  let s0 = load<u64>(to);
  let s1 = load<u64>(to, 8);
  let s2 = load<u64>(to, 16);
  for (let i: usize = 0; i < count; i++) {
    const at = x + i * 24;
    scale(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16), load<u64>(weights + i * 8));
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  t0 = s0;
  t1 = s1;
  t2 = s2;
  put(to);
}

/** to += Σ weight_i · x_i for x of 128 bits, taken as integers, mod 2^192. */
export function combine128(x: usize, weights: usize, count: usize, to: usize): void {
  let s0 = load<u64>(to);
  let s1 = load<u64>(to, 8);
  let s2 = load<u64>(to, 16);
  for (let i: usize = 0; i < count; i++) {
    scale(load<u64>(x + i * 16), load<u64>(x + i * 16, 8), 0, load<u64>(weights + i * 8));
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  t0 = s0;
  t1 = s1;
  t2 = s2;
  put(to);
}

/** t = x · x, mod 2^192. */
// @ts-ignore: decorator
@inline
function square(x0: u64, x1: u64, x2: u64): void {
  t0 = x0 * x0;
  const h00 = umulh(x0, x0);
  const m = x0 * x1;
  t1 = h00 + m;
  let c = u64(t1 < m);
  t1 += m;
  c += u64(t1 < m);
  t2 = 2 * umulh(x0, x1) + x1 * x1 + 2 * x0 * x2 + c;
}

/**
 * The prover's part of the proof that every x is 0 or 1, from v with w = v + alpha·x at the verifier:
 * first += Σ chi·v², second += Σ chi·(2·x − 1)·v.
 */
export function bitProver(v: usize, bits: usize, weights: usize, count: usize, first: usize, second: usize): void {
  let f0 = load<u64>(first), f1 = load<u64>(first, 8), f2 = load<u64>(first, 16);
  let s0 = load<u64>(second), s1 = load<u64>(second, 8), s2 = load<u64>(second, 16);
  for (let i: usize = 0; i < count; i++) {
    const chi = load<u64>(weights + i * 8);
    const v0 = load<u64>(v + i * 24);
    const v1 = load<u64>(v + i * 24, 8);
    const v2 = load<u64>(v + i * 24, 16);
    square(v0, v1, v2);
    scale(t0, t1, t2, chi);
    plus(f0, f1, f2);
    f0 = t0;
    f1 = t1;
    f2 = t2;
    // ±v by the bit, without a branch: −v is the complement plus one.
    const bit = ((load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) as u64;
    const mask = bit - 1;
    t0 = v0 ^ mask;
    t1 = v1 ^ mask;
    t2 = v2 ^ mask;
    plus(mask & 1, 0, 0);
    scale(t0, t1, t2, chi);
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  t0 = f0;
  t1 = f1;
  t2 = f2;
  put(first);
  t0 = s0;
  t1 = s1;
  t2 = s2;
  put(second);
}

/** The verifier's part: to += Σ chi·(w² − alpha·w). */
export function bitVerifier(w: usize, weights: usize, alpha: u64, count: usize, to: usize): void {
  let s0 = load<u64>(to), s1 = load<u64>(to, 8), s2 = load<u64>(to, 16);
  for (let i: usize = 0; i < count; i++) {
    const w0 = load<u64>(w + i * 24);
    const w1 = load<u64>(w + i * 24, 8);
    const w2 = load<u64>(w + i * 24, 16);
    scale(w0, w1, w2, alpha);
    negate();
    const n0 = t0, n1 = t1, n2 = t2;
    square(w0, w1, w2);
    plus(n0, n1, n2);
    scale(t0, t1, t2, load<u64>(weights + i * 8));
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  t0 = s0;
  t1 = s1;
  t2 = s2;
  put(to);
}
