// Entry point of products mod 2^64: choose the kernel by shape.

import { PANEL, gemm64 } from "./gemm64";
import { rowByMatrix64, rowByTransposed64 } from "./thin64";
import { levels, winograd, winogradScratch } from "./winograd";

/** Bytes of scratch that a product needs. */
export function matmulScratch64(m: u32, k: u32, n: u32): f64 {
  // The thin kernels below take any operand that is contiguous one way; a single row always is.
  if (m <= 2) return m == 1 ? 0 : <f64>k * 8;
  const level = levels(m, k, n, 3);
  return level > 0 ? winogradScratch(m, k, n, level, 3) : <f64>PANEL + <f64>k * 8;
}

/** C = A·B with C contiguous; strides in bytes. */
export function matmul64(
  c: usize, a: usize, b: usize, m: u32, k: u32, n: u32,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, scratch: usize,
): void {
  const cRow = <usize>n << 3;
  if (m <= 2 && bCol == 8) {
    for (let i: u32 = 0; i < m; i++) {
      const row = line(scratch, a + <usize>i * aRow, k, aCol);
      rowByMatrix64(c + <usize>i * cRow, row, b, k, n, bRow);
    }
    return;
  }
  if (m <= 2 && bRow == 8) {
    for (let i: u32 = 0; i < m; i++) {
      const row = line(scratch, a + <usize>i * aRow, k, aCol);
      rowByTransposed64(c + <usize>i * cRow, row, b, k, n, bCol, 8);
    }
    return;
  }
  if (n <= 2 && aCol == 8) {
    for (let j: u32 = 0; j < n; j++) {
      const column = line(scratch, b + <usize>j * bCol, k, bRow);
      rowByTransposed64(c + (<usize>j << 3), column, a, k, m, aRow, cRow);
    }
    return;
  }
  const level = levels(m, k, n, 3);
  if (level > 0) {
    winograd(c, a, b, m, k, n, aRow, aCol, bRow, bCol, cRow, level, scratch, 3);
  } else {
    gemm64(c, a, b, m, k, n, aRow, aCol, bRow, bCol, cRow, scratch, false);
  }
}

/** Return a line of k elements; copy it to scratch unless it is contiguous. */
function line(scratch: usize, x: usize, k: u32, step: usize): usize {
  if (step == 8) return x;
  for (let l: usize = 0; l < <usize>k; l++, x += step) store<u64>(scratch + (l << 3), load<u64>(x));
  return scratch;
}
