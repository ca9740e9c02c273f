// One tree of the ring VOLE, in one pass over its leaves: elements mod 2^192, low words first, two at a time. With leaves
// l_0 to l_3 of an element, sum = Σ l_y and weighted = −Σ y·l_y.
//
// A pair is three vectors, one for each word. Vectors compare as signed numbers only. So one of two numbers that are added
// has the highest bits of its lower words flipped, and so has the sum: then a signed comparison of both tells the carry. In
// names, an f marks such words. A carry is all ones, which is −1.

/** Bytes of two elements. */
const PAIR: usize = 48;
const HIGHEST: u64 = 1 << 63;

/** The first words of two elements, from their first and second 16 bytes. */
// @ts-ignore: decorator
@inline
function first(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 0, 3);
}

/** The second words, from the first and third 16 bytes. */
// @ts-ignore: decorator
@inline
function second(a: v128, c: v128): v128 {
  return i64x2.shuffle(a, c, 1, 2);
}

/** The third words, from the second and third 16 bytes. */
// @ts-ignore: decorator
@inline
function third(b: v128, c: v128): v128 {
  return i64x2.shuffle(b, c, 0, 3);
}

/** Store two elements. */
// @ts-ignore: decorator
@inline
function storePair(to: usize, w0: v128, w1: v128, w2: v128): void {
  v128.store(to, i64x2.shuffle(w0, w1, 0, 2));
  v128.store(to, i64x2.shuffle(w2, w0, 0, 3), 16);
  v128.store(to, i64x2.shuffle(w1, w2, 1, 3), 32);
}

/** The third word of x + y, where `m` is the sum of the second words and `s` the same with the carry from below. */
// @ts-ignore: decorator
@inline
function topOf(x2: v128, y2: v128, xf1: v128, mf: v128, sf: v128): v128 {
  return i64x2.sub(i64x2.sub(i64x2.add(x2, y2), i64x2.lt_s(mf, xf1)), i64x2.lt_s(sf, mf));
}

/**
 * The prover's side: correction = x − sum, weighted = −Σ y·l_y, and total += 2^bits · weighted.
 *
 * @param stride - bytes from one leaf to the next
 * @param bits - below 64
 * @param count - of elements; if it is odd, one more is read and written everywhere
 */
export function proveTree(
  leaves: usize, stride: usize, x: usize, bits: i32, count: usize, correction: usize, weighted: usize, total: usize,
): void {
  const flip = i64x2.splat(HIGHEST);
  for (const end = leaves + count * 24; leaves < end; leaves += PAIR) {
    // The sums of leaf 3, of 3 and 2, and of 3, 2 and 1 add up to Σ y·l_y.
    let at = leaves + 3 * stride;
    let p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const af0 = v128.xor(first(p, q), flip), af1 = v128.xor(second(p, r), flip), a2 = third(q, r);
    at -= stride;
    p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const bf0 = i64x2.add(af0, first(p, q));
    let m = i64x2.add(af1, second(p, r));
    const bf1 = i64x2.sub(m, i64x2.lt_s(bf0, af0));
    const b2 = topOf(a2, third(q, r), af1, m, bf1);
    at -= stride;
    p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const cf0 = i64x2.add(bf0, first(p, q));
    m = i64x2.add(bf1, second(p, r));
    const cf1 = i64x2.sub(m, i64x2.lt_s(cf0, bf0));
    const c2 = topOf(b2, third(q, r), bf1, m, cf1);
    p = v128.load(leaves), q = v128.load(leaves, 16), r = v128.load(leaves, 32);
    const sf0 = i64x2.add(cf0, first(p, q));
    m = i64x2.add(cf1, second(p, r));
    const sf1 = i64x2.sub(m, i64x2.lt_s(sf0, cf0));
    const s2 = topOf(c2, third(q, r), cf1, m, sf1);

    p = v128.load(x), q = v128.load(x, 16), r = v128.load(x, 32);
    const xf0 = v128.xor(first(p, q), flip), xf1 = v128.xor(second(p, r), flip);
    const borrow = i64x2.lt_s(xf0, sf0);
    m = i64x2.sub(xf1, sf1);
    const over = i64x2.add(i64x2.lt_s(xf1, sf1), v128.and(i64x2.eq(m, i64x2.splat(0)), borrow));
    const d2 = i64x2.add(i64x2.sub(third(q, r), s2), over);
    storePair(correction, i64x2.sub(xf0, sf0), i64x2.add(m, borrow), d2);

    const uf0 = i64x2.add(af0, v128.xor(bf0, flip));
    m = i64x2.add(af1, v128.xor(bf1, flip));
    const uf1 = i64x2.sub(m, i64x2.lt_s(uf0, af0));
    const u2 = topOf(a2, b2, af1, m, uf1);
    const wf0 = i64x2.add(uf0, v128.xor(cf0, flip));
    m = i64x2.add(uf1, v128.xor(cf1, flip));
    const wf1 = i64x2.sub(m, i64x2.lt_s(wf0, uf0));
    const w2 = topOf(u2, c2, uf1, m, wf1);
    // −w is the complement plus one.
    const zero = i64x2.eq(wf0, flip);
    const n1 = i64x2.sub(v128.not(v128.xor(wf1, flip)), zero);
    const n2 = i64x2.sub(v128.not(w2), v128.and(i64x2.eq(wf1, flip), zero));
    addShifted(weighted, total, bits, i64x2.sub(flip, wf0), n1, n2);
    x += PAIR;
    correction += PAIR;
    weighted += PAIR;
    total += PAIR;
  }
}

/**
 * The keeper's side, whose leaf of index `delta` is zeros: weighted = delta·(sum + correction) − Σ y·l_y, and
 * total += 2^bits · weighted.
 *
 * @param delta - from 0 to 3
 * @param bits - below 64
 * @param count - as above
 */
export function keepTree(
  leaves: usize, stride: usize, correction: usize, delta: u64, bits: i32, count: usize, weighted: usize, total: usize,
): void {
  const flip = i64x2.splat(HIGHEST);
  // Multiples of up to 3 as masks of the number and of its double.
  const once = i64x2.splat(0 - (delta & 1));
  const twice = i64x2.splat(0 - (delta >> 1));
  for (const end = leaves + count * 24; leaves < end; leaves += PAIR) {
    let at = leaves + 3 * stride;
    let p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const af0 = v128.xor(first(p, q), flip), af1 = v128.xor(second(p, r), flip), a2 = third(q, r);
    at -= stride;
    p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const bf0 = i64x2.add(af0, first(p, q));
    let m = i64x2.add(af1, second(p, r));
    const bf1 = i64x2.sub(m, i64x2.lt_s(bf0, af0));
    const b2 = topOf(a2, third(q, r), af1, m, bf1);
    at -= stride;
    p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32);
    const cf0 = i64x2.add(bf0, first(p, q));
    m = i64x2.add(bf1, second(p, r));
    const cf1 = i64x2.sub(m, i64x2.lt_s(cf0, bf0));
    const c2 = topOf(b2, third(q, r), bf1, m, cf1);
    p = v128.load(leaves), q = v128.load(leaves, 16), r = v128.load(leaves, 32);
    const kf0 = i64x2.add(cf0, first(p, q));
    m = i64x2.add(cf1, second(p, r));
    const kf1 = i64x2.sub(m, i64x2.lt_s(kf0, cf0));
    const k2 = topOf(c2, third(q, r), cf1, m, kf1);
    p = v128.load(correction), q = v128.load(correction, 16), r = v128.load(correction, 32);
    const sf0 = i64x2.add(kf0, first(p, q));
    m = i64x2.add(kf1, second(p, r));
    const sf1 = i64x2.sub(m, i64x2.lt_s(sf0, kf0));
    const s2 = topOf(k2, third(q, r), kf1, m, sf1);

    const uf0 = i64x2.add(af0, v128.xor(bf0, flip));
    m = i64x2.add(af1, v128.xor(bf1, flip));
    const uf1 = i64x2.sub(m, i64x2.lt_s(uf0, af0));
    const u2 = topOf(a2, b2, af1, m, uf1);
    const wf0 = i64x2.add(uf0, v128.xor(cf0, flip));
    m = i64x2.add(uf1, v128.xor(cf1, flip));
    const wf1 = i64x2.sub(m, i64x2.lt_s(wf0, uf0));
    const w2 = topOf(u2, c2, uf1, m, wf1);

    // delta · s
    const s0 = v128.xor(sf0, flip), s1 = v128.xor(sf1, flip);
    const ef0 = v128.xor(v128.and(i64x2.shl(s0, 1), twice), flip);
    const e1 = v128.or(i64x2.shl(s1, 1), i64x2.shr_u(s0, 63));
    const ef1 = v128.xor(v128.and(e1, twice), flip);
    const e2 = v128.and(v128.or(i64x2.shl(s2, 1), i64x2.shr_u(s1, 63)), twice);
    const gf0 = i64x2.add(ef0, v128.and(s0, once));
    m = i64x2.add(ef1, v128.and(s1, once));
    const gf1 = i64x2.sub(m, i64x2.lt_s(gf0, ef0));
    const g2 = topOf(e2, v128.and(s2, once), ef1, m, gf1);

    const borrow = i64x2.lt_s(gf0, wf0);
    m = i64x2.sub(gf1, wf1);
    const over = i64x2.add(i64x2.lt_s(gf1, wf1), v128.and(i64x2.eq(m, i64x2.splat(0)), borrow));
    const d2 = i64x2.add(i64x2.sub(g2, w2), over);
    addShifted(weighted, total, bits, i64x2.sub(gf0, wf0), i64x2.add(m, borrow), d2);
    correction += PAIR;
    weighted += PAIR;
    total += PAIR;
  }
}

/** weighted = w, and total += 2^bits · w. */
// @ts-ignore: decorator
@inline
function addShifted(weighted: usize, total: usize, bits: i32, w0: v128, w1: v128, w2: v128): void {
  storePair(weighted, w0, w1, w2);
  // Shifted down in two steps, because `bits` may be 0.
  const down = 63 - bits;
  const p = v128.load(total), q = v128.load(total, 16), r = v128.load(total, 32);
  const tf0 = v128.xor(first(p, q), i64x2.splat(HIGHEST));
  const tf1 = v128.xor(second(p, r), i64x2.splat(HIGHEST));
  const sf0 = i64x2.add(tf0, i64x2.shl(w0, bits));
  const u1 = v128.or(i64x2.shl(w1, bits), i64x2.shr_u(i64x2.shr_u(w0, 1), down));
  const m = i64x2.add(tf1, u1);
  const sf1 = i64x2.sub(m, i64x2.lt_s(sf0, tf0));
  const u2 = v128.or(i64x2.shl(w2, bits), i64x2.shr_u(i64x2.shr_u(w1, 1), down));
  const s2 = topOf(third(q, r), u2, tf1, m, sf1);
  storePair(total, v128.xor(sf0, i64x2.splat(HIGHEST)), v128.xor(sf1, i64x2.splat(HIGHEST)), s2);
}
