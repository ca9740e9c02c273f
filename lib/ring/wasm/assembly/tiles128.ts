// Move matrices mod 2^128 into and out of tiles in Morton order. Tiles of the left operand and of the result are stored
// row after row, tiles of the right operand column after column.

import { morton } from "./morton";

/** Copy the lines of a matrix into 2^level tiles each way, each of `lines` lines of k, padded with zeros. */
function importLines(
  out: usize, x: usize, count: u32, length: u32, lineStep: usize, step: usize, lines: u32, k: u32, level: u32,
  across: bool,
): void {
  for (let i: u32 = 0; i < (1 as u32) << level; i++) {
    for (let j: u32 = 0; j < (1 as u32) << level; j++) {
      let to = out + (((across ? morton(j, i) : morton(i, j)) * lines * k) << 4);
      for (let r = i * lines; r < (i + 1) * lines; r++) {
        for (let l = j * k; l < (j + 1) * k; l++, to += 16) {
          const inside = r < count && l < length;
          v128.store(to, inside ? v128.load(x + <usize>r * lineStep + <usize>l * step) : i64x2.splat(0));
        }
      }
    }
  }
}

export function importLeft128(
  out: usize, a: usize, rows: u32, columns: u32, aRow: usize, aCol: usize, m: u32, k: u32, level: u32,
): void {
  importLines(out, a, rows, columns, aRow, aCol, m, k, level, false);
}

export function importRight128(
  out: usize, b: usize, rows: u32, columns: u32, bRow: usize, bCol: usize, k: u32, n: u32, level: u32,
): void {
  importLines(out, b, columns, rows, bCol, bRow, n, k, level, true);
}

/** Copy the part of the result's tiles, m×n each, that lies within rows×columns. */
export function exportResult128(
  c: usize, from: usize, rows: u32, columns: u32, cRow: usize, m: u32, n: u32, level: u32,
): void {
  for (let i: u32 = 0; i < (1 as u32) << level; i++) {
    for (let j: u32 = 0; j < (1 as u32) << level; j++) {
      let at = from + ((morton(i, j) * m * n) << 4);
      for (let r = i * m; r < (i + 1) * m; r++) {
        for (let q = j * n; q < (j + 1) * n; q++, at += 16) {
          if (r < rows && q < columns) v128.store(c + <usize>r * cRow + (<usize>q << 4), v128.load(at));
        }
      }
    }
  }
}
