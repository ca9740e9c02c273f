// The innermost product of `winograd`: small matrices mod 2^64 in a layout made for it.
//
// Winograd's inner product (1968): Σ a·b over pairs (l, l+1) is Σ (a_l + b_{l+1})(a_{l+1} + b_l) − Σ a_l·a_{l+1} −
// Σ b_l·b_{l+1}. The last two sums are needed once for each row and column. Trading half of the products for additions
// pays off, because SIMD without a 64-bit product needs several operations for one. The identity holds in any
// commutative ring.
//
// A tile of the left operand is stored by rows; tiles of the right operand and of the result are stored by rows within
// every four columns. So the right operand is read, and the result written, from start to end.

import { morton } from "./morton";

/** −Σ a_l·a_{l+1} of each row; two rows at a time. */
function rowSums(out: usize, a: usize, m: u32, k: u32): void {
  const row = <usize>k << 3;
  for (let i: u32 = 0; i < m; i += 2, out += 16, a += row) {
    let x: u64 = 0;
    let y: u64 = 0;
    for (const e = a + row; a < e; a += 16) {
      x -= load<u64>(a) * load<u64>(a, 8);
      y -= load<u64>(a + row) * load<u64>(a + row, 8);
    }
    store<u64>(out, x);
    store<u64>(out, y, 8);
  }
}

/** Combine the low sums with the values to add to their upper halves, which come in column order. */
// @ts-ignore: decorator
@inline
function meet(c: usize, p: v128, q: v128, cross: v128): void {
  const zero = i64x2.splat(0);
  v128.store(c, i64x2.add(p, v128.shuffle<u32>(zero, cross, 0, 4, 1, 5)));
  v128.store(c, i64x2.add(q, v128.shuffle<u32>(zero, cross, 2, 6, 3, 7)), 16);
}

/**
 * One row by four columns, starting from given sums. Each product is split: the product of the low halves in 64 bits,
 * two lanes at a time, and the cross terms in 32-bit lanes; they are combined at the end. A second row could share the
 * loads of `b`, but V8 loads everything first and then has too few registers for the sums.
 */
function kernel(c: usize, a: usize, b: usize, k: u32, row: usize, x: v128, y: v128): void {
  const start = v128.load64_splat(row);
  let p = i64x2.add(x, start);
  let q = i64x2.add(y, start);
  let cross = i64x2.splat(0);
  for (const e = b + (<usize>k << 5); b < e; b += 64, a += 16) {
    const left = v128.load64_splat(a);
    const right = v128.load64_splat(a, 8);
    const s0 = i64x2.add(left, v128.load(b, 32));
    const s1 = i64x2.add(left, v128.load(b, 48));
    const t0 = i64x2.add(right, v128.load(b));
    const t1 = i64x2.add(right, v128.load(b, 16));
    const s = v128.shuffle<u32>(s0, s1, 0, 2, 4, 6);
    const t = v128.shuffle<u32>(t0, t1, 0, 2, 4, 6);
    cross = i32x4.add(cross, i32x4.mul(v128.shuffle<u32>(s0, s1, 1, 3, 5, 7), t));
    cross = i32x4.add(cross, i32x4.mul(v128.shuffle<u32>(t0, t1, 1, 3, 5, 7), s));
    p = i64x2.add(p, i64x2.extmul_low_i32x4_u(s, t));
    q = i64x2.add(q, i64x2.extmul_high_i32x4_u(s, t));
  }
  meet(c, p, q, cross);
}

/** The product of two tiles: m and k even, n a multiple of 4; `rows` is room for m words. */
export function tileProduct64(c: usize, a: usize, b: usize, m: u32, k: u32, n: u32, rows: usize): void {
  rowSums(rows, a, m, k);
  for (let j: u32 = 0; j < n; j += 4) {
    let x = i64x2.splat(0);
    let y = x;
    for (let l: usize = b, e = b + (<usize>k << 5); l < e; l += 64) {
      x = i64x2.sub(x, i64x2.mul(v128.load(l), v128.load(l, 32)));
      y = i64x2.sub(y, i64x2.mul(v128.load(l, 16), v128.load(l, 48)));
    }
    for (let i: usize = 0; i < <usize>m; i++, c += 32) kernel(c, a + ((i * k) << 3), b, k, rows + (i << 3), x, y);
    b += <usize>k << 5;
  }
}

/** Copy the left operand into 2^level tiles of m×k each way, padded with zeros. */
export function importLeft64(
  out: usize, a: usize, rows: u32, columns: u32, aRow: usize, aCol: usize, m: u32, k: u32, level: u32,
): void {
  for (let i: u32 = 0; i < (1 as u32) << level; i++) {
    for (let j: u32 = 0; j < (1 as u32) << level; j++) {
      let to = out + ((morton(i, j) * m * k) << 3);
      for (let r = i * m; r < (i + 1) * m; r++) {
        let l = j * k;
        const from = a + <usize>r * aRow;
        const e = r < rows ? min(columns, l + k) : l;
        if (aCol == 8) {
          for (; l + 2 <= e; l += 2, to += 16) v128.store(to, v128.load(from + (<usize>l << 3)));
        }
        for (; l < e; l++, to += 8) store<u64>(to, load<u64>(from + <usize>l * aCol));
        for (; l < (j + 1) * k; l++, to += 8) store<u64>(to, 0);
      }
    }
  }
}

/** Copy the right operand into 2^level tiles of k×n each way, padded with zeros. */
export function importRight64(
  out: usize, b: usize, rows: u32, columns: u32, bRow: usize, bCol: usize, k: u32, n: u32, level: u32,
): void {
  for (let i: u32 = 0; i < (1 as u32) << level; i++) {
    for (let j: u32 = 0; j < (1 as u32) << level; j++) {
      let to = out + ((morton(i, j) * k * n) << 3);
      for (let c = j * n; c < (j + 1) * n; c += 4) {
        for (let r = i * k; r < (i + 1) * k; r++, to += 32) {
          const from = b + <usize>r * bRow + <usize>c * bCol;
          if (r < rows && c + 4 <= columns && bCol == 8) {
            v128.store(to, v128.load(from));
            v128.store(to, v128.load(from, 16), 16);
          } else {
            for (let q: u32 = 0; q < 4; q++) {
              store<u64>(to + (<usize>q << 3), r < rows && c + q < columns ? load<u64>(from + <usize>q * bCol) : 0);
            }
          }
        }
      }
    }
  }
}

/** Copy the part of the result's tiles, m×n each, that lies within rows×columns. */
export function exportResult64(
  c: usize, from: usize, rows: u32, columns: u32, cRow: usize, m: u32, n: u32, level: u32,
): void {
  for (let i: u32 = 0; i < (1 as u32) << level; i++) {
    for (let j: u32 = 0; j < (1 as u32) << level; j++) {
      let at = from + ((morton(i, j) * m * n) << 3);
      for (let q = j * n; q < (j + 1) * n; q += 4) {
        for (let r = i * m; r < (i + 1) * m; r++, at += 32) {
          if (r >= rows || q >= columns) continue;
          const to = c + <usize>r * cRow + (<usize>q << 3);
          if (q + 4 <= columns) {
            v128.store(to, v128.load(at));
            v128.store(to, v128.load(at, 16), 16);
          } else {
            for (let s: u32 = 0; s < columns - q; s++) store<u64>(to + (<usize>s << 3), load<u64>(at + (<usize>s << 3)));
          }
        }
      }
    }
  }
}
