// One row times a matrix mod 2^64, reading the matrix once as it lies: packing it would cost as much as the work.
// Cross products stay interleaved, [a_hi·b_lo, a_lo·b_hi] for each column, and meet at the end.

// @ts-ignore: decorator
@inline
function meet(low: v128, cross: v128): v128 {
  return i64x2.add(low, i64x2.shl(i64x2.add(cross, i64x2.shr_u(cross, 32)), 32));
}

/** Rows of the matrix taken together: each is read on from where it was left, as prefetching likes. */
const BAND: u32 = 128;

/** c[0, n) = a · B for B of k rows, each contiguous; element l of `a` at a + l·aCol. */
export function rowByMatrix64(c: usize, a: usize, b: usize, k: u32, n: u32, aCol: usize, bRow: usize): void {
  memory.fill(c, 0, <usize>n << 3);
  for (let l: u32 = 0; l < k; l += BAND) {
    addBand(c, a + <usize>l * aCol, b + <usize>l * bRow, min(BAND, k - l), n, aCol, bRow);
  }
}

/** Eight columns at a time, four in vectors and four in words: the two kinds of multiplier work side by side. */
function addBand(c: usize, a: usize, b: usize, k: u32, n: u32, aCol: usize, bRow: usize): void {
  let j: u32 = 0;
  for (; j + 8 <= n; j += 8, b += 64, c += 64) {
    let p = v128.load(c);
    let q = v128.load(c, 16);
    let x0 = i64x2.splat(0);
    let x1 = x0;
    let w0 = load<u64>(c, 32);
    let w1 = load<u64>(c, 40);
    let w2 = load<u64>(c, 48);
    let w3 = load<u64>(c, 56);
    let from = a;
    let at = b;
    for (const e = b + <usize>k * bRow; at < e; from += aCol, at += bRow) {
      const word = load<u64>(from);
      const whole = v128.load64_splat(from);
      const swapped = v128.shuffle<u32>(whole, whole, 1, 0, 3, 2);
      const lo = v128.load32_splat(from);
      w0 += word * load<u64>(at, 32);
      const b0 = v128.load(at);
      const b1 = v128.load(at, 16);
      const low = v128.shuffle<u32>(b0, b1, 0, 2, 4, 6);
      w1 += word * load<u64>(at, 40);
      p = i64x2.add(p, i64x2.extmul_low_i32x4_u(lo, low));
      q = i64x2.add(q, i64x2.extmul_high_i32x4_u(lo, low));
      w2 += word * load<u64>(at, 48);
      x0 = i32x4.add(x0, i32x4.mul(swapped, b0));
      x1 = i32x4.add(x1, i32x4.mul(swapped, b1));
      w3 += word * load<u64>(at, 56);
    }
    v128.store(c, meet(p, x0));
    v128.store(c, meet(q, x1), 16);
    store<u64>(c, w0, 32);
    store<u64>(c, w1, 40);
    store<u64>(c, w2, 48);
    store<u64>(c, w3, 56);
  }
  for (; j < n; j++, b += 8, c += 8) {
    let total = load<u64>(c);
    let from = a;
    let at = b;
    for (let l = k; l > 0; l--, from += aCol, at += bRow) total += load<u64>(from) * load<u64>(at);
    store<u64>(c, total);
  }
}

/** The inner product of two contiguous vectors. */
export function dot64(a: usize, b: usize, k: u32): u64 {
  let p = i64x2.splat(0);
  let q = p;
  let x = p;
  let y = p;
  const e = a + (<usize>(k & ~3) << 3);
  for (; a < e; a += 32, b += 32) {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const aLo = v128.shuffle<u32>(a0, a1, 0, 2, 4, 6);
    const bLo = v128.shuffle<u32>(b0, b1, 0, 2, 4, 6);
    p = i64x2.add(p, i64x2.extmul_low_i32x4_u(aLo, bLo));
    q = i64x2.add(q, i64x2.extmul_high_i32x4_u(aLo, bLo));
    x = i32x4.add(x, i32x4.mul(v128.shuffle<u32>(a0, a0, 1, 0, 3, 2), b0));
    y = i32x4.add(y, i32x4.mul(v128.shuffle<u32>(a1, a1, 1, 0, 3, 2), b1));
  }
  const sum = meet(i64x2.add(p, q), i32x4.add(x, y));
  let total: u64 = i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
  for (let l = k & 3; l > 0; l--, a += 8, b += 8) total += load<u64>(a) * load<u64>(b);
  return total;
}

/** c[0, n) = a · Bᵀ for B of n contiguous rows of k and contiguous `a`; element j of c at c + j·cCol. */
export function rowByTransposed64(
  c: usize, a: usize, b: usize, k: u32, n: u32, bRow: usize, cCol: usize,
): void {
  for (let j: u32 = 0; j < n; j++, b += bRow, c += cCol) store<u64>(c, dot64(a, b, k));
}
