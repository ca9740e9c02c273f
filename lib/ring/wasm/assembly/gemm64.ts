// Blocked matrix products mod 2^64. In a·b only a_lo·b_lo needs 64 bits. a_lo·b_hi + a_hi·b_lo matters only mod 2^32:
// sum it separately in 32-bit lanes and shift it into place once, at the end.
//
// Operands may have any strides: element (i, j) of `a` is at a + i·aRow + j·aCol, in bytes, so transposes need no copy.

const DEPTH: u32 = 256; // of a block of the shared dimension: a packed panel takes 8 KiB
const ROWS: u32 = 128; // of a block of `a`, which stays in the second-level cache

/** Scratch that `gemm64` needs. */
export const PANEL: usize = <usize>DEPTH << 5;

/** Pack four columns of `b` as [lo × 4][hi × 4] for each of k rows; missing columns become zero. */
function pack(out: usize, b: usize, k: u32, columns: u32, bRow: usize, bCol: usize): void {
  if (columns == 4 && bCol == 8) {
    for (const e = out + (<usize>k << 5); out < e; out += 32, b += bRow) {
      const x = v128.load(b);
      const y = v128.load(b, 16);
      v128.store(out, v128.shuffle<u32>(x, y, 0, 2, 4, 6));
      v128.store(out, v128.shuffle<u32>(x, y, 1, 3, 5, 7), 16);
    }
    return;
  }
  for (const e = out + (<usize>k << 5); out < e; out += 32, b += bRow) {
    for (let j: usize = 0; j < 4; j++) {
      const w = j < <usize>columns ? load<u64>(b + j * bCol) : 0;
      store<u32>(out + (j << 2), <u32>w);
      store<u32>(out + (j << 2), <u32>(w >> 32), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(c: usize, low: v128, high: v128, cross: v128, columns: u32, add: bool): void {
  const zero = i64x2.splat(0);
  let x = i64x2.add(low, v128.shuffle<u32>(zero, cross, 0, 4, 0, 5));
  let y = i64x2.add(high, v128.shuffle<u32>(zero, cross, 0, 6, 0, 7));
  if (columns == 4) {
    if (add) {
      x = i64x2.add(x, v128.load(c));
      y = i64x2.add(y, v128.load(c, 16));
    }
    v128.store(c, x);
    v128.store(c, y, 16);
  } else {
    store<u64>(c, i64x2.extract_lane(x, 0) + (add ? load<u64>(c) : 0));
    if (columns > 1) store<u64>(c, i64x2.extract_lane(x, 1) + (add ? load<u64>(c, 8) : 0), 8);
    if (columns > 2) store<u64>(c, i64x2.extract_lane(y, 0) + (add ? load<u64>(c, 16) : 0), 16);
  }
}

/** Two rows of `a` by a panel. */
function kernel2(
  c: usize, a: usize, panel: usize, k: u32, aRow: usize, aCol: usize, cRow: usize, columns: u32, add: bool,
): void {
  let low0 = i64x2.splat(0);
  let high0 = low0;
  let cross0 = low0;
  let low1 = low0;
  let high1 = low0;
  let cross1 = low0;
  let a1 = a + aRow;
  for (const e = panel + (<usize>k << 5); panel < e; panel += 32) {
    const bLo = v128.load(panel);
    const bHi = v128.load(panel, 16);
    const aLo0 = v128.load32_splat(a);
    const aHi0 = v128.load32_splat(a, 4);
    low0 = i64x2.add(low0, i64x2.extmul_low_i32x4_u(aLo0, bLo));
    high0 = i64x2.add(high0, i64x2.extmul_high_i32x4_u(aLo0, bLo));
    cross0 = i32x4.add(cross0, i32x4.mul(aLo0, bHi));
    cross0 = i32x4.add(cross0, i32x4.mul(aHi0, bLo));
    const aLo1 = v128.load32_splat(a1);
    const aHi1 = v128.load32_splat(a1, 4);
    low1 = i64x2.add(low1, i64x2.extmul_low_i32x4_u(aLo1, bLo));
    high1 = i64x2.add(high1, i64x2.extmul_high_i32x4_u(aLo1, bLo));
    cross1 = i32x4.add(cross1, i32x4.mul(aLo1, bHi));
    cross1 = i32x4.add(cross1, i32x4.mul(aHi1, bLo));
    a += aCol;
    a1 += aCol;
  }
  put(c, low0, high0, cross0, columns, add);
  put(c + cRow, low1, high1, cross1, columns, add);
}

/** One row of `a` by a panel. */
function kernel1(c: usize, a: usize, panel: usize, k: u32, aCol: usize, columns: u32, add: bool): void {
  let low = i64x2.splat(0);
  let high = low;
  let cross = low;
  for (const e = panel + (<usize>k << 5); panel < e; panel += 32, a += aCol) {
    const bLo = v128.load(panel);
    const bHi = v128.load(panel, 16);
    const aLo = v128.load32_splat(a);
    const aHi = v128.load32_splat(a, 4);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_u(aLo, bLo));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_u(aLo, bLo));
    cross = i32x4.add(cross, i32x4.add(i32x4.mul(aLo, bHi), i32x4.mul(aHi, bLo)));
  }
  put(c, low, high, cross, columns, add);
}

/** C = A·B, or C += A·B with `add`. C has rows of cRow bytes; k may be 0. */
export function gemm64(
  c: usize, a: usize, b: usize, m: u32, k: u32, n: u32,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, cRow: usize, scratch: usize, add: bool,
): void {
  if (k == 0) {
    if (!add) for (let i: u32 = 0; i < m; i++, c += cRow) memory.fill(c, 0, <usize>n << 3);
    return;
  }
  for (let l: u32 = 0; l < k; l += DEPTH) {
    const depth = min(DEPTH, k - l);
    const more = add || l > 0;
    for (let i: u32 = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i);
      const block = a + <usize>i * aRow + <usize>l * aCol;
      for (let j: u32 = 0; j < n; j += 4) {
        const columns = min<u32>(4, n - j);
        pack(scratch, b + <usize>l * bRow + <usize>j * bCol, depth, columns, bRow, bCol);
        let to = c + <usize>i * cRow + (<usize>j << 3);
        let from = block;
        let r: u32 = 0;
        for (; r + 2 <= rows; r += 2, from += aRow << 1, to += cRow << 1) {
          kernel2(to, from, scratch, depth, aRow, aCol, cRow, columns, more);
        }
        if (r < rows) kernel1(to, from, scratch, depth, aCol, columns, more);
      }
    }
  }
}
