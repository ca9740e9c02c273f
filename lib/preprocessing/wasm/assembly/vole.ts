// One tree of the ring VOLE, in one pass over its leaves: elements mod 2^192, low words first. With leaves l_0 to l_3 of an
// element: sum = Σ l_y and weighted = −Σ y·l_y. These run more often than all other kernels together, so every word is a
// local variable.

/** Whether x + y, of which `sum` is the low word, carries. */
// @ts-ignore: decorator
@inline
function carry(sum: u64, y: u64): u64 {
  return u64(sum < y);
}

/**
 * The prover's side: correction = x − sum, weighted = −Σ y·l_y, and total += 2^bits · weighted.
 *
 * @param stride - bytes from one leaf to the next
 * @param bits - below 64
 */
export function proveTree(
  leaves: usize, stride: usize, x: usize, bits: u64, count: usize, correction: usize, weighted: usize, total: usize,
): void {
  for (const end = leaves + count * 24; leaves < end; leaves += 24) {
    const l1 = leaves + stride;
    const l2 = l1 + stride;
    const l3 = l2 + stride;
    // The sums of leaf 3, of 3 and 2, and of 3, 2 and 1 add up to Σ y·l_y.
    const a0 = load<u64>(l3), a1 = load<u64>(l3, 8), a2 = load<u64>(l3, 16);
    let y0 = load<u64>(l2), y1 = load<u64>(l2, 8), m: u64;
    const b0 = a0 + y0;
    m = a1 + y1;
    const b1 = m + carry(b0, y0);
    const b2 = a2 + load<u64>(l2, 16) + carry(m, y1) + carry(b1, m);
    y0 = load<u64>(l1), y1 = load<u64>(l1, 8);
    const c0 = b0 + y0;
    m = b1 + y1;
    const c1 = m + carry(c0, y0);
    const c2 = b2 + load<u64>(l1, 16) + carry(m, y1) + carry(c1, m);
    y0 = load<u64>(leaves), y1 = load<u64>(leaves, 8);
    const s0 = c0 + y0;
    m = c1 + y1;
    const s1 = m + carry(s0, y0);
    const s2 = c2 + load<u64>(leaves, 16) + carry(m, y1) + carry(s1, m);

    const x0 = load<u64>(x), x1 = load<u64>(x, 8);
    store<u64>(correction, x0 - s0);
    m = x1 - s1;
    store<u64>(correction, m - u64(x0 < s0), 8);
    store<u64>(correction, load<u64>(x, 16) - s2 - u64(x1 < s1) - u64(m < u64(x0 < s0)), 16);

    let w0 = a0 + b0;
    m = a1 + b1;
    let w1 = m + carry(w0, b0);
    let w2 = a2 + b2 + carry(m, b1) + carry(w1, m);
    w0 += c0;
    m = w1 + c1;
    w1 = m + carry(w0, c0);
    w2 += c2 + carry(m, c1) + carry(w1, m);
    // −w is the complement plus one.
    w0 = 0 - w0;
    w1 = ~w1 + u64(w0 == 0);
    w2 = ~w2 + (u64(w0 == 0) & u64(w1 == 0));
    addShifted(weighted, total, bits, w0, w1, w2);
    x += 24;
    correction += 24;
    weighted += 24;
    total += 24;
  }
}

/**
 * The keeper's side, whose leaf of index `delta` is zeros: weighted = delta·(sum + correction) − Σ y·l_y, and
 * total += 2^bits · weighted.
 *
 * @param delta - from 0 to 3
 * @param bits - below 64
 */
export function keepTree(
  leaves: usize, stride: usize, correction: usize, delta: u64, bits: u64, count: usize, weighted: usize, total: usize,
): void {
  // Multiples of up to 3 as masks of the number and of its double.
  const once = 0 - (delta & 1);
  const twice = 0 - (delta >> 1);
  for (const end = leaves + count * 24; leaves < end; leaves += 24) {
    const l1 = leaves + stride;
    const l2 = l1 + stride;
    const l3 = l2 + stride;
    const a0 = load<u64>(l3), a1 = load<u64>(l3, 8), a2 = load<u64>(l3, 16);
    let y0 = load<u64>(l2), y1 = load<u64>(l2, 8), m: u64;
    const b0 = a0 + y0;
    m = a1 + y1;
    const b1 = m + carry(b0, y0);
    const b2 = a2 + load<u64>(l2, 16) + carry(m, y1) + carry(b1, m);
    y0 = load<u64>(l1), y1 = load<u64>(l1, 8);
    const c0 = b0 + y0;
    m = b1 + y1;
    const c1 = m + carry(c0, y0);
    const c2 = b2 + load<u64>(l1, 16) + carry(m, y1) + carry(c1, m);
    y0 = load<u64>(leaves), y1 = load<u64>(leaves, 8);
    const r0 = c0 + y0;
    m = c1 + y1;
    const r1 = m + carry(r0, y0);
    const r2 = c2 + load<u64>(leaves, 16) + carry(m, y1) + carry(r1, m);
    y0 = load<u64>(correction), y1 = load<u64>(correction, 8);
    const s0 = r0 + y0;
    m = r1 + y1;
    const s1 = m + carry(s0, y0);
    const s2 = r2 + load<u64>(correction, 16) + carry(m, y1) + carry(s1, m);

    let v0 = a0 + b0;
    m = a1 + b1;
    let v1 = m + carry(v0, b0);
    let v2 = a2 + b2 + carry(m, b1) + carry(v1, m);
    v0 += c0;
    m = v1 + c1;
    v1 = m + carry(v0, c0);
    v2 += c2 + carry(m, c1) + carry(v1, m);

    // delta · s
    const d0 = (s0 << 1) & twice, d1 = ((s1 << 1) | (s0 >> 63)) & twice, d2 = ((s2 << 1) | (s1 >> 63)) & twice;
    const p0 = d0 + (s0 & once);
    m = d1 + (s1 & once);
    const p1 = m + carry(p0, d0);
    const p2 = d2 + (s2 & once) + carry(m, d1) + carry(p1, m);

    const w0 = p0 - v0;
    m = p1 - v1;
    const w1 = m - u64(p0 < v0);
    const w2 = p2 - v2 - u64(p1 < v1) - u64(m < u64(p0 < v0));
    addShifted(weighted, total, bits, w0, w1, w2);
    correction += 24;
    weighted += 24;
    total += 24;
  }
}

/** weighted = w, and total += 2^bits · w. */
// @ts-ignore: decorator
@inline
function addShifted(weighted: usize, total: usize, bits: u64, w0: u64, w1: u64, w2: u64): void {
  store<u64>(weighted, w0);
  store<u64>(weighted, w1, 8);
  store<u64>(weighted, w2, 16);
  // Shifted down in two steps, because `bits` may be 0.
  const down = 63 - bits;
  const u0 = w0 << bits;
  const u1 = (w1 << bits) | ((w0 >> 1) >> down);
  const u2 = (w2 << bits) | ((w1 >> 1) >> down);
  const t0 = load<u64>(total) + u0;
  const m = load<u64>(total, 8) + u1;
  const t1 = m + carry(t0, u0);
  store<u64>(total, t0);
  store<u64>(total, t1, 8);
  store<u64>(total, load<u64>(total, 16) + u2 + carry(m, u1) + carry(t1, m), 16);
}
