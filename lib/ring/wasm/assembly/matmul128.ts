// Entry point of products mod 2^128: choose the kernel by shape.

import { levels, winograd, winogradScratch } from "./winograd";
import { mulHigh } from "./word128";

/** Winograd's inner product needs a sum for each row and column, which does not pay off for few rows or columns. */
function thin(m: u32, n: u32): bool {
  return min(m, n) < 4;
}

/** Bytes of scratch that a product needs. */
export function matmulScratch128(m: u32, k: u32, n: u32): f64 {
  return thin(m, n) || k == 0 ? 0 : winogradScratch(m, k, n, levels(m, k, n, 4), 4);
}

/** C = A·B with C contiguous; strides in bytes. */
export function matmul128(
  c: usize, a: usize, b: usize, m: u32, k: u32, n: u32,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, scratch: usize,
): void {
  if (!thin(m, n) && k > 0) {
    winograd(c, a, b, m, k, n, aRow, aCol, bRow, bCol, <usize>n << 4, levels(m, k, n, 4), scratch, 4);
    return;
  }
  for (let i: u32 = 0; i < m; i++, a += aRow) {
    for (let j: u32 = 0; j < n; j++, c += 16) {
      let lo: u64 = 0;
      let hi: u64 = 0;
      let x = a;
      let y = b + <usize>j * bCol;
      for (let l: u32 = 0; l < k; l++, x += aCol, y += bRow) {
        const p = load<u64>(x);
        const q = load<u64>(y);
        const low = p * q;
        lo += low;
        hi += mulHigh(p, q) + p * load<u64>(y, 8) + q * load<u64>(x, 8) + u64(lo < low);
      }
      store<u64>(c, lo);
      store<u64>(c, hi, 8);
    }
  }
}
