// One row times a matrix mod 2^64. Read the matrix once, in place: packing it would cost as much as the product.
// Cross products stay interleaved, [a_hi·b_lo, a_lo·b_hi] for each column, and are combined at the end.

// @ts-ignore: decorator
@inline
function meet(low: v128, cross: v128): v128 {
  return i64x2.add(low, i64x2.shl(i64x2.add(cross, i64x2.shr_u(cross, 32)), 32));
}

/** Rows of the matrix handled together, an even number. Each row is read sequentially, which suits prefetching. */
const BAND: u32 = 128;

/** c[0, n) = a · B for B of k rows, each contiguous, and contiguous `a`. */
export function rowByMatrix64(c: usize, a: usize, b: usize, k: u32, n: u32, bRow: usize): void {
  memory.fill(c, 0, <usize>n << 3);
  const pairs = k & ~1;
  for (let l: u32 = 0; l < pairs; l += BAND) {
    addBand(c, a + (<usize>l << 3), b + <usize>l * bRow, min(BAND, pairs - l), n, bRow);
  }
  if (pairs < k) {
    const word = load<u64>(a + (<usize>pairs << 3));
    const row = b + <usize>pairs * bRow;
    for (let j: usize = 0; j < <usize>n << 3; j += 8) store<u64>(c + j, load<u64>(c + j) + load<u64>(row + j) * word);
  }
}

/**
 * Add the product of k elements, an even number, and k rows. The number of instructions decides the speed, so two rows
 * at a time share their sums and the shuffles of `a`. Of eight columns, four use vectors and four use words: a word
 * takes fewer instructions, but there is only one multiplier for words.
 */
function addBand(c: usize, a: usize, b: usize, k: u32, n: u32, bRow: usize): void {
  const e = a + (<usize>k << 3);
  let j: u32 = 0;
  for (; j + 8 <= n; j += 8, b += 64, c += 64) {
    let p = v128.load(c);
    let q = v128.load(c, 16);
    let x = i64x2.splat(0);
    let y = x;
    let w0 = load<u64>(c, 32);
    let w1 = load<u64>(c, 40);
    let w2 = load<u64>(c, 48);
    let w3 = load<u64>(c, 56);
    let at = b;
    for (let from = a; from < e; from += 16) {
      const next = at + bRow;
      const word0 = load<u64>(from);
      const word1 = load<u64>(from, 8);
      const pair = v128.load(from);
      const lo = v128.shuffle<u32>(pair, pair, 0, 0, 2, 2);
      const swapped0 = v128.shuffle<u32>(pair, pair, 1, 0, 1, 0);
      const swapped1 = v128.shuffle<u32>(pair, pair, 3, 2, 3, 2);
      // Put the low halves of both rows in one vector: the products of both its halves belong to the same columns.
      let b0 = v128.load(at);
      let b1 = v128.load(next);
      let low = v128.shuffle<u32>(b0, b1, 0, 2, 4, 6);
      p = i64x2.add(p, i64x2.add(i64x2.extmul_low_i32x4_u(lo, low), i64x2.extmul_high_i32x4_u(lo, low)));
      x = i32x4.add(x, i32x4.add(i32x4.mul(swapped0, b0), i32x4.mul(swapped1, b1)));
      b0 = v128.load(at, 16);
      b1 = v128.load(next, 16);
      low = v128.shuffle<u32>(b0, b1, 0, 2, 4, 6);
      q = i64x2.add(q, i64x2.add(i64x2.extmul_low_i32x4_u(lo, low), i64x2.extmul_high_i32x4_u(lo, low)));
      y = i32x4.add(y, i32x4.add(i32x4.mul(swapped0, b0), i32x4.mul(swapped1, b1)));
      w0 += load<u64>(at, 32) * word0 + load<u64>(next, 32) * word1;
      w1 += load<u64>(at, 40) * word0 + load<u64>(next, 40) * word1;
      w2 += load<u64>(at, 48) * word0 + load<u64>(next, 48) * word1;
      w3 += load<u64>(at, 56) * word0 + load<u64>(next, 56) * word1;
      at = next + bRow;
    }
    v128.store(c, meet(p, x));
    v128.store(c, meet(q, y), 16);
    store<u64>(c, w0, 32);
    store<u64>(c, w1, 40);
    store<u64>(c, w2, 48);
    store<u64>(c, w3, 56);
  }
  for (; j < n; j++, b += 8, c += 8) {
    let total = load<u64>(c);
    let at = b;
    for (let from = a; from < e; from += 8, at += bRow) total += load<u64>(at) * load<u64>(from);
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
