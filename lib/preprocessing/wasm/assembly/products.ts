// Products of bits by elements mod 2^168 from oblivious transfers, and their weighted sums. Selections by secret bits
// are masks, not branches.
//
// The sums work on limbs of 28 bits, six an element, each in 32 bits: products of two limbs have 56 bits, so many of
// them can be added in a lane of 64 bits before a carry has to be taken out.
import { minus, PACKED, plus, plusShifted, put, set, t0, t1, t2, TOP } from "./element192";

const LIMB: u64 = (1 << 28) - 1;
/** Terms of a sum between carries: at most 6 products of limbs each, and bits of 28-bit limbs in 32-bit lanes. */
const TERMS: usize = 16;
/** Bytes of a pair of weights as limbs: six of an element, three of a word, three of nothing. */
const WEIGHT: usize = 48;

/** t as limbs. */
// @ts-ignore: decorator
@inline
function putLimbs(to: usize): void {
  store<u64>(to, (t0 & LIMB) | (((t0 >> 28) & LIMB) << 32));
  store<u64>(to, (((t0 >> 56) | (t1 << 8)) & LIMB) | (((t1 >> 20) & LIMB) << 32), 8);
  store<u64>(to, (((t1 >> 48) | (t2 << 16)) & LIMB) | (((t2 >> 12) & LIMB) << 32), 16);
}

/**
 * The sender's half of products of one value b for each `group` transfers with the receiver's choice bits:
 * corrections d = h0 − h1 + b, packed, and the own share −h0. A pad is the 16 bytes of h and 5 of g.
 *
 * @param b - the values; the transfer at hand is number `first` among theirs
 */
export function gilboaSend(
  h0: usize, g0: usize, h1: usize, g1: usize, b: usize, group: usize, first: usize, count: usize, d: usize,
  share: usize,
): void {
  b += (first / group) * 24;
  let left = group - (first % group);
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

/**
 * Adds the receiver's half: share += pad + bit · (d + b), where b is the receiver's own value for the group. The shares
 * are then limbs.
 */
export function gilboaReceive(
  h: usize, g: usize, d: usize, bits: usize, b: usize, group: usize, first: usize, count: usize, share: usize,
): void {
  b += (first / group) * 24;
  let left = group - (first % group);
  for (let i: usize = 0; i < count; i++) {
    const mask = 0 - ((load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) as u64;
    set(load<u64>(d), load<u64>(d, 8), load<u64>(d, 16) & TOP);
    plus(load<u64>(b), load<u64>(b, 8), load<u64>(b, 16));
    set(t0 & mask, t1 & mask, t2 & mask);
    plus(load<u64>(h), load<u64>(h, 8), load<u64>(g));
    plus(load<u64>(share), load<u64>(share, 8), load<u64>(share, 16));
    putLimbs(share);
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

/** Elements as limbs, in place, for the party that only sends. */
export function toLimbs(x: usize, count: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    set(load<u64>(x + i), load<u64>(x + i, 8), load<u64>(x + i, 16));
    putLimbs(x + i);
  }
}

/** Weights for `combine` from words r and elements s. */
export function limbs(r: usize, s: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    set(load<u64>(s + i * 24), load<u64>(s + i * 24, 8), load<u64>(s + i * 24, 16));
    putLimbs(to);
    const word = load<u64>(r + i * 8);
    store<u64>(to, (word & LIMB) | (((word >> 28) & LIMB) << 32), 24);
    store<u64>(to, word >> 56, 32);
    store<u64>(to, 0, 40);
    to += WEIGHT;
  }
}

/** Sums of the limbs of the weights, of 64 bits each, and carries of the sums of products. */
const sums: usize = memory.data(6 * 16, 16);
const carries: usize = memory.data(6 * 16, 16);

/** Take the carries off a pair of sums, and store them. */
// @ts-ignore: decorator
@inline
function relieve(pair: v128, at: usize): v128 {
  v128.store(carries + at, i64x2.add(v128.load(carries + at), i64x2.shr_u(pair, 28)));
  return v128.and(pair, i64x2.splat(LIMB));
}

/** A sum of six limbs in three pairs, whose carries lie at `at`. */
function gather(p0: v128, p1: v128, p2: v128, at: usize, to: usize): void {
  set(0, 0, 0);
  plusShifted(i64x2.extract_lane(p0, 0), 0);
  plusShifted(i64x2.extract_lane(p0, 1), 28);
  plusShifted(i64x2.extract_lane(p1, 0), 56);
  plusShifted(i64x2.extract_lane(p1, 1), 84);
  plusShifted(i64x2.extract_lane(p2, 0), 112);
  plusShifted(i64x2.extract_lane(p2, 1), 140);
  for (let i: usize = 0; i < 6; i++) plusShifted(load<u64>(carries + at + i * 8), (i as u64) * 28 + 28);
  put(to);
}

/**
 * Sums of `group` products, a multiple of 16, and of as many bits, weighted twice: by words r, and by elements s.
 * c = Σ r·e, a = Σ r·bit, c' = Σ s·e, a' = Σ s·bit.
 *
 * @param e - products as limbs
 * @param weights - from `limbs`
 */
export function combine(
  e: usize, bits: usize, weights: usize, group: usize, groups: usize, c: usize, c2: usize, a: usize, a2: usize,
): void {
  const zero = i64x2.splat(0);
  let bit: usize = 0;
  for (let g: usize = 0; g < groups; g++) {
    // Limbs k and k + 1 of c and of c'.
    let c01 = zero, c23 = zero, c45 = zero;
    let d01 = zero, d23 = zero, d45 = zero;
    for (let i: usize = 0; i < 6 * 16; i += 16) {
      v128.store(sums + i, zero);
      v128.store(carries + i, zero);
    }
    let w = weights;
    for (let done: usize = 0; done < group; done += TERMS) {
      let b0 = zero, b1 = zero, b2 = zero;
      for (let i: usize = 0; i < TERMS; i++) {
        const mask = i32x4.splat(0 - (((load<u8>(bits + (bit >> 3)) as i32) >> ((bit as i32) & 7)) & 1));
        b0 = i32x4.add(b0, v128.and(v128.load(w), mask));
        b1 = i32x4.add(b1, v128.and(v128.load(w, 16), mask));
        b2 = i32x4.add(b2, v128.and(v128.load(w, 32), mask));
        // The limbs of e as pairs, and the same one limb up.
        const e0 = v128.load(e);
        const e4 = v128.load64_zero(e, 16);
        const u0 = i8x16.shuffle(zero, e0, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
        const u4 = i8x16.shuffle(e0, e4, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
        let s = v128.load32_splat(w);
        d01 = i64x2.add(d01, i64x2.extmul_low_i32x4_u(e0, s));
        d23 = i64x2.add(d23, i64x2.extmul_high_i32x4_u(e0, s));
        d45 = i64x2.add(d45, i64x2.extmul_low_i32x4_u(e4, s));
        s = v128.load32_splat(w, 4);
        d01 = i64x2.add(d01, i64x2.extmul_low_i32x4_u(u0, s));
        d23 = i64x2.add(d23, i64x2.extmul_high_i32x4_u(u0, s));
        d45 = i64x2.add(d45, i64x2.extmul_low_i32x4_u(u4, s));
        s = v128.load32_splat(w, 8);
        d23 = i64x2.add(d23, i64x2.extmul_low_i32x4_u(e0, s));
        d45 = i64x2.add(d45, i64x2.extmul_high_i32x4_u(e0, s));
        s = v128.load32_splat(w, 12);
        d23 = i64x2.add(d23, i64x2.extmul_low_i32x4_u(u0, s));
        d45 = i64x2.add(d45, i64x2.extmul_high_i32x4_u(u0, s));
        d45 = i64x2.add(d45, i64x2.extmul_low_i32x4_u(e0, v128.load32_splat(w, 16)));
        d45 = i64x2.add(d45, i64x2.extmul_low_i32x4_u(u0, v128.load32_splat(w, 20)));
        s = v128.load32_splat(w, 24);
        c01 = i64x2.add(c01, i64x2.extmul_low_i32x4_u(e0, s));
        c23 = i64x2.add(c23, i64x2.extmul_high_i32x4_u(e0, s));
        c45 = i64x2.add(c45, i64x2.extmul_low_i32x4_u(e4, s));
        s = v128.load32_splat(w, 28);
        c01 = i64x2.add(c01, i64x2.extmul_low_i32x4_u(u0, s));
        c23 = i64x2.add(c23, i64x2.extmul_high_i32x4_u(u0, s));
        c45 = i64x2.add(c45, i64x2.extmul_low_i32x4_u(u4, s));
        s = v128.load32_splat(w, 32);
        c23 = i64x2.add(c23, i64x2.extmul_low_i32x4_u(e0, s));
        c45 = i64x2.add(c45, i64x2.extmul_high_i32x4_u(e0, s));
        e += 24;
        w += WEIGHT;
        bit++;
      }
      c01 = relieve(c01, 0);
      c23 = relieve(c23, 16);
      c45 = relieve(c45, 32);
      d01 = relieve(d01, 48);
      d23 = relieve(d23, 64);
      d45 = relieve(d45, 80);
      v128.store(sums, i64x2.add(v128.load(sums), i64x2.extend_low_i32x4_u(b0)));
      v128.store(sums, i64x2.add(v128.load(sums, 16), i64x2.extend_high_i32x4_u(b0)), 16);
      v128.store(sums, i64x2.add(v128.load(sums, 32), i64x2.extend_low_i32x4_u(b1)), 32);
      v128.store(sums, i64x2.add(v128.load(sums, 48), i64x2.extend_high_i32x4_u(b1)), 48);
      v128.store(sums, i64x2.add(v128.load(sums, 64), i64x2.extend_low_i32x4_u(b2)), 64);
    }
    const at = g * 24;
    gather(c01, c23, c45, 0, c + at);
    gather(d01, d23, d45, 48, c2 + at);
    set(0, 0, 0);
    for (let i: usize = 0; i < 6; i++) plusShifted(load<u64>(sums + i * 8), (i as u64) * 28);
    put(a2 + at);
    set(0, 0, 0);
    for (let i: usize = 0; i < 3; i++) plusShifted(load<u64>(sums + 48 + i * 8), (i as u64) * 28);
    put(a + at);
  }
}
