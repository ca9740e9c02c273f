// Strassen's product in Winograd's form (7 products, 15 additions a level) over tiles in Morton order, for both
// widths: `log2` is 3 for elements of 8 bytes and 4 for those of 16.

import { combineLeft128, combineProducts128, combineRight128 } from "./combine128";
import { combineLeft64, combineProducts64, combineRight64 } from "./combine64";
import { tileProduct128, tileScratch128 } from "./product128";
import { exportResult128, importLeft128, importRight128 } from "./tiles128";
import { exportResult64, importLeft64, importRight64, tileProduct64 } from "./tiles64";

/** Tile size of an extent at a level, rounded up to a size that the innermost product accepts. */
// @ts-ignore: decorator
@inline
function tile(extent: u32, level: u32, step: u32): u32 {
  return ((((extent - 1) >> level) + step) / step) * step;
}

/**
 * Estimate the cost of a product with that many levels, in units of one multiply and add: the products of tiles, with
 * their sums and calls, and the additions of every level. The weights were measured.
 */
function cost(m: u32, k: u32, n: u32, level: u32, log2: usize): f64 {
  const a = <f64>tile(m, level, 2);
  const b = <f64>tile(k, level, 2);
  const c = <f64>tile(n, level, 4);
  const words = a * b + b * c + a * c;
  let total = a * b * c + 1.5 * (a * b + b * c) + 4 * a * c;
  const add = log2 == 3 ? 2.6 : 1.3;
  let quarter: f64 = words;
  for (let l: u32 = 0; l < level; l++, quarter *= 4) total = 7 * total + add * quarter;
  return total;
}

/** Choose the cheapest number of levels; 0 if plain loops are as fast. */
export function levels(m: u32, k: u32, n: u32, log2: usize): u32 {
  if (min(m, min(k, n)) < 24) return 0;
  let best: u32 = 0;
  let least = log2 == 3 ? <f64>m * <f64>k * <f64>n * 1.12 : cost(m, k, n, 0, log2);
  for (let level: u32 = 1; level <= 9 && min(m, min(k, n)) >> level >= 8; level++) {
    const total = cost(m, k, n, level, log2);
    if (total < least) {
      least = total;
      best = level;
    }
  }
  return best;
}

/** Bytes of scratch at that many levels: the operands and the result in tiles, and twice a third more for each. */
export function winogradScratch(m: u32, k: u32, n: u32, level: u32, log2: usize): f64 {
  const a = <f64>tile(m, level, 2);
  const b = <f64>tile(k, level, 2);
  const c = <f64>tile(n, level, 4);
  const tiles = <f64>(<u64>1 << <u64>(2 * level));
  const inner = log2 == 3 ? 8 * a : tileScratch128(tile(m, level, 2), tile(k, level, 2), tile(n, level, 4));
  return <f64>(1 << log2) * tiles * (a * b + b * c + a * c) * (1 + 4.0 / 3) + inner;
}

function multiply(
  c: usize, a: usize, b: usize, m: u32, k: u32, n: u32, level: u32, scratch: usize, log2: usize,
): void {
  if (level == 0) {
    if (log2 == 3) tileProduct64(c, a, b, m, k, n, scratch);
    else tileProduct128(c, a, b, m, k, n, scratch);
    return;
  }
  const below = level - 1;
  const aBytes = (<usize>m * k) << (log2 + 2 * below);
  const bBytes = (<usize>k * n) << (log2 + 2 * below);
  const cBytes = (<usize>m * n) << (log2 + 2 * below);
  const s = scratch;
  const t = s + 4 * aBytes;
  const p = t + 4 * bBytes;
  const rest = p + 3 * cBytes;
  if (log2 == 3) {
    combineLeft64(s, a, aBytes);
    combineRight64(t, b, bBytes);
  } else {
    combineLeft128(s, a, aBytes);
    combineRight128(t, b, bBytes);
  }
  multiply(c, a, b, m, k, n, below, rest, log2);
  multiply(c + cBytes, s + aBytes, t + bBytes, m, k, n, below, rest, log2);
  multiply(c + 2 * cBytes, s + 2 * aBytes, t + 2 * bBytes, m, k, n, below, rest, log2);
  multiply(c + 3 * cBytes, s, t, m, k, n, below, rest, log2);
  multiply(p, a + aBytes, b + 2 * bBytes, m, k, n, below, rest, log2);
  multiply(p + cBytes, s + 3 * aBytes, b + 3 * bBytes, m, k, n, below, rest, log2);
  multiply(p + 2 * cBytes, a + 3 * aBytes, t + 3 * bBytes, m, k, n, below, rest, log2);
  if (log2 == 3) combineProducts64(c, p, cBytes);
  else combineProducts128(c, p, cBytes);
}

/** C = A·B; operands at strides in bytes. */
export function winograd(
  c: usize, a: usize, b: usize, rows: u32, shared: u32, columns: u32,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, cRow: usize, level: u32, scratch: usize, log2: usize,
): void {
  const m = tile(rows, level, 2);
  const k = tile(shared, level, 2);
  const n = tile(columns, level, 4);
  const left = scratch;
  const right = left + ((<usize>m * k) << (log2 + 2 * level));
  const result = right + ((<usize>k * n) << (log2 + 2 * level));
  const rest = result + ((<usize>m * n) << (log2 + 2 * level));
  if (log2 == 3) {
    importLeft64(left, a, rows, shared, aRow, aCol, m, k, level);
    importRight64(right, b, shared, columns, bRow, bCol, k, n, level);
  } else {
    importLeft128(left, a, rows, shared, aRow, aCol, m, k, level);
    importRight128(right, b, shared, columns, bRow, bCol, k, n, level);
  }
  multiply(result, left, right, m, k, n, level, rest, log2);
  if (log2 == 3) exportResult64(c, result, rows, columns, cRow, m, n, level);
  else exportResult128(c, result, rows, columns, cRow, m, n, level);
}
