// The arithmetic mod 2^192 of authentication and of proofs of bits; low words first.
import { fetch, negate, plus, plusShifted, put, scale, set, t0, t1, t2, times } from "./element192";
import { umulh } from "./word128";

/** to = x − y. */
export function subtract192(x: usize, y: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(y + i);
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

/** The `count` bits of a string, lowest first, as elements of 192 bits. */
export function widenBits(bits: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(to + i * 24, (load<u8>(bits + (i >> 3)) >> ((i & 7) as u8)) & 1);
    store<u64>(to + i * 24, 0, 8);
    store<u64>(to + i * 24, 0, 16);
  }
}

/** to = alpha·x − v mod 2^128, from x of 128 and v of 192 bits: the MAC share of the party that knows x. */
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

/** to += factor · x. */
export function scaleAdd192(x: usize, factor: u64, count: usize, to: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    scale(factor);
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
    fetch(at);
    scale(load<u64>(weights + i * 8));
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  set(s0, s1, s2);
  put(to);
}

/** to += 2^bits · x. */
export function shiftAdd192(x: usize, bits: u64, count: usize, to: usize): void {
  const by = bits & 63;
  for (let i: usize = 0; i < count * 24; i += 24) {
    const x0 = load<u64>(x + i);
    fetch(to + i);
    if (bits < 64) {
      const x1 = load<u64>(x + i, 8);
      // Shifted down in two steps, because `by` may be 0.
      plus(x0 << by, (x1 << by) | ((x0 >> 1) >> (63 - by)), (load<u64>(x + i, 16) << by) | ((x1 >> 1) >> (63 - by)));
    } else plus(0, x0 << by, (load<u64>(x + i, 8) << by) | ((x0 >> 1) >> (63 - by)));
    put(to + i);
  }
}

const WORD: u64 = 0xffffffff;
/** Terms of 57 bits that a lane of 64 takes before the carry has to be taken out. */
const TERMS: usize = 64;
/** Carries of three sums. */
const carries: usize = memory.data(9 * 16, 16);

// @ts-ignore: decorator
@inline
function relieve(pair: v128, at: usize): v128 {
  v128.store(carries + at, i64x2.add(v128.load(carries + at), i64x2.shr_u(pair, 32)));
  return v128.and(pair, i64x2.splat(WORD));
}

/** to += a sum in words of 32 bits, two a pair, whose carries lie at `at`. */
function gather(p0: v128, p1: v128, p2: v128, at: usize, to: usize): void {
  fetch(to);
  plusShifted(i64x2.extract_lane(p0, 0), 0);
  plusShifted(i64x2.extract_lane(p0, 1), 32);
  plusShifted(i64x2.extract_lane(p1, 0), 64);
  plusShifted(i64x2.extract_lane(p1, 1), 96);
  plusShifted(i64x2.extract_lane(p2, 0), 128);
  plusShifted(i64x2.extract_lane(p2, 1), 160);
  for (let i: usize = 0; i < 5; i++) plusShifted(load<u64>(carries + at + i * 8), (i as u64) * 32 + 32);
  put(to);
}

/**
 * Three sums at once, to_j += Σ weight_ij · x_i. Of the 16 bytes of weights for each x, 25 bits of each of the first
 * three words count.
 */
export function combineThrice(x: usize, weights: usize, count: usize, to: usize): void {
  const zero = i64x2.splat(0);
  const kept = i32x4.splat(0x1ffffff);
  let a0 = zero, a1 = zero, a2 = zero;
  let b0 = zero, b1 = zero, b2 = zero;
  let c0 = zero, c1 = zero, c2 = zero;
  for (let i: usize = 0; i < 9 * 16; i += 16) v128.store(carries + i, zero);
  for (let i: usize = 0; i < count; ) {
    for (const end = min(i + TERMS, count); i < end; i++) {
      const low = v128.load(x);
      const top = v128.load64_zero(x, 16);
      const w = v128.and(v128.load(weights), kept);
      let s = i8x16.shuffle(w, w, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
      a0 = i64x2.add(a0, i64x2.extmul_low_i32x4_u(low, s));
      a1 = i64x2.add(a1, i64x2.extmul_high_i32x4_u(low, s));
      a2 = i64x2.add(a2, i64x2.extmul_low_i32x4_u(top, s));
      s = i8x16.shuffle(w, w, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
      b0 = i64x2.add(b0, i64x2.extmul_low_i32x4_u(low, s));
      b1 = i64x2.add(b1, i64x2.extmul_high_i32x4_u(low, s));
      b2 = i64x2.add(b2, i64x2.extmul_low_i32x4_u(top, s));
      s = i8x16.shuffle(w, w, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
      c0 = i64x2.add(c0, i64x2.extmul_low_i32x4_u(low, s));
      c1 = i64x2.add(c1, i64x2.extmul_high_i32x4_u(low, s));
      c2 = i64x2.add(c2, i64x2.extmul_low_i32x4_u(top, s));
      x += 24;
      weights += 16;
    }
    a0 = relieve(a0, 0);
    a1 = relieve(a1, 16);
    a2 = relieve(a2, 32);
    b0 = relieve(b0, 48);
    b1 = relieve(b1, 64);
    b2 = relieve(b2, 80);
    c0 = relieve(c0, 96);
    c1 = relieve(c1, 112);
    c2 = relieve(c2, 128);
  }
  gather(a0, a1, a2, 0, to);
  gather(b0, b1, b2, 48, to + 24);
  gather(c0, c1, c2, 96, to + 48);
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
    set(v0, v1, v2);
    times(v0, v1, v2);
    scale(chi);
    plus(f0, f1, f2);
    f0 = t0;
    f1 = t1;
    f2 = t2;
    // ±v by the bit, without a branch: −v is the complement plus one.
    const bit = ((load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) as u64;
    const mask = bit - 1;
    set(v0 ^ mask, v1 ^ mask, v2 ^ mask);
    plus(mask & 1, 0, 0);
    scale(chi);
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  set(f0, f1, f2);
  put(first);
  set(s0, s1, s2);
  put(second);
}

/** The verifier's part: to += Σ chi·(w² − alpha·w). */
export function bitVerifier(w: usize, weights: usize, alpha: u64, count: usize, to: usize): void {
  let s0 = load<u64>(to), s1 = load<u64>(to, 8), s2 = load<u64>(to, 16);
  for (let i: usize = 0; i < count; i++) {
    const w0 = load<u64>(w + i * 24);
    const w1 = load<u64>(w + i * 24, 8);
    const w2 = load<u64>(w + i * 24, 16);
    set(w0, w1, w2);
    scale(alpha);
    negate();
    const n0 = t0, n1 = t1, n2 = t2;
    set(w0, w1, w2);
    times(w0, w1, w2);
    plus(n0, n1, n2);
    scale(load<u64>(weights + i * 8));
    plus(s0, s1, s2);
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  set(s0, s1, s2);
  put(to);
}
