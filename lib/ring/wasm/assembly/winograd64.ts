// Strassen's product in Winograd's form (7 products, 15 additions a level) mod 2^64 over tiles in Morton order.

import { exportResult64, importLeft64, importRight64, tileProduct64 } from "./tiles64";

/** Tiles of an extent at a level, rounded up to what the innermost product takes. */
// @ts-ignore: decorator
@inline
function tile(extent: u32, level: u32, step: u32): u32 {
  return ((((extent - 1) >> level) + step) / step) * step;
}

/**
 * What a product costs with that many levels, in units of one multiply and add: the tiles' products with their
 * sums and calls, and the additions of every level.
 */
function cost(m: u32, k: u32, n: u32, level: u32): f64 {
  const a = <f64>tile(m, level, 2);
  const b = <f64>tile(k, level, 2);
  const c = <f64>tile(n, level, 4);
  const words = a * b + b * c + a * c;
  let total = a * b * c + 1.5 * (a * b + b * c) + 8 * a * c / 2;
  let quarter: f64 = words;
  for (let l: u32 = 0; l < level; l++, quarter *= 4) total = 7 * total + 2.6 * quarter;
  return total;
}

/** The number of levels that costs least, or 0 where blocks in order do as well. */
export function levels64(m: u32, k: u32, n: u32): u32 {
  if (min(m, min(k, n)) < 32) return 0;
  let best: u32 = 0;
  let least = <f64>m * <f64>k * <f64>n * 1.12;
  for (let level: u32 = 1; level <= 9 && min(m, min(k, n)) >> level >= 8; level++) {
    const total = cost(m, k, n, level);
    if (total < least) {
      least = total;
      best = level;
    }
  }
  return best;
}

/** Bytes of scratch at that many levels: the operands and the result in tiles, and a third more on each twice. */
export function winogradScratch64(m: u32, k: u32, n: u32, level: u32): f64 {
  const a = <f64>tile(m, level, 2);
  const b = <f64>tile(k, level, 2);
  const c = <f64>tile(n, level, 4);
  const tiles = <f64>(<u64>1 << <u64>(2 * level));
  return 8 * (tiles * (a * b + b * c + a * c) * (1 + 4.0 / 3) + a);
}

/** S1 to S4, or T1 to T4, of the quarters at x: each of `bytes`, to four places in a row. */
function combineLeft(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const s2 = out + bytes;
  const s3 = s2 + bytes;
  const s4 = s3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a11 = v128.load(x + i);
    const a21 = v128.load(x21 + i);
    const sum = i64x2.add(a21, v128.load(x22 + i));
    const less = i64x2.sub(sum, a11);
    v128.store(out + i, sum);
    v128.store(s2 + i, less);
    v128.store(s3 + i, i64x2.sub(a11, a21));
    v128.store(s4 + i, i64x2.sub(v128.load(x12 + i), less));
  }
}

function combineRight(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const t2 = out + bytes;
  const t3 = t2 + bytes;
  const t4 = t3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const b12 = v128.load(x12 + i);
    const b22 = v128.load(x22 + i);
    const less = i64x2.sub(b12, v128.load(x + i));
    const rest = i64x2.sub(b22, less);
    v128.store(out + i, less);
    v128.store(t2 + i, rest);
    v128.store(t3 + i, i64x2.sub(b22, b12));
    v128.store(t4 + i, i64x2.sub(rest, v128.load(x21 + i)));
  }
}

/** The result's quarters from P1, P6, P7, P5, which lie in them in that order, and P2, P3, P4 at p. */
function combineProducts(c: usize, p: usize, bytes: usize): void {
  const c12 = c + bytes;
  const c21 = c12 + bytes;
  const c22 = c21 + bytes;
  const p3 = p + bytes;
  const p4 = p3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const p1 = v128.load(c + i);
    const p5 = v128.load(c22 + i);
    const u2 = i64x2.add(p1, v128.load(c12 + i));
    const u3 = i64x2.add(u2, v128.load(c21 + i));
    v128.store(c + i, i64x2.add(p1, v128.load(p + i)));
    v128.store(c12 + i, i64x2.add(i64x2.add(u2, p5), v128.load(p3 + i)));
    v128.store(c21 + i, i64x2.sub(u3, v128.load(p4 + i)));
    v128.store(c22 + i, i64x2.add(u3, p5));
  }
}

function multiply(c: usize, a: usize, b: usize, m: u32, k: u32, n: u32, level: u32, scratch: usize): void {
  if (level == 0) {
    tileProduct64(c, a, b, m, k, n, scratch);
    return;
  }
  const below = level - 1;
  const aBytes = (<usize>m * k) << (3 + 2 * below);
  const bBytes = (<usize>k * n) << (3 + 2 * below);
  const cBytes = (<usize>m * n) << (3 + 2 * below);
  const s = scratch;
  const t = s + 4 * aBytes;
  const p = t + 4 * bBytes;
  const rest = p + 3 * cBytes;
  combineLeft(s, a, aBytes);
  combineRight(t, b, bBytes);
  multiply(c, a, b, m, k, n, below, rest);
  multiply(c + cBytes, s + aBytes, t + bBytes, m, k, n, below, rest);
  multiply(c + 2 * cBytes, s + 2 * aBytes, t + 2 * bBytes, m, k, n, below, rest);
  multiply(c + 3 * cBytes, s, t, m, k, n, below, rest);
  multiply(p, a + aBytes, b + 2 * bBytes, m, k, n, below, rest);
  multiply(p + cBytes, s + 3 * aBytes, b + 3 * bBytes, m, k, n, below, rest);
  multiply(p + 2 * cBytes, a + 3 * aBytes, t + 3 * bBytes, m, k, n, below, rest);
  combineProducts(c, p, cBytes);
}

/** C = A·B; operands at strides in bytes, as for `gemm64`. */
export function winograd64(
  c: usize, a: usize, b: usize, rows: u32, shared: u32, columns: u32,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, cRow: usize, level: u32, scratch: usize,
): void {
  const m = tile(rows, level, 2);
  const k = tile(shared, level, 2);
  const n = tile(columns, level, 4);
  const left = scratch;
  const right = left + ((<usize>m * k) << (3 + 2 * level));
  const result = right + ((<usize>k * n) << (3 + 2 * level));
  const rest = result + ((<usize>m * n) << (3 + 2 * level));
  importLeft64(left, a, rows, shared, aRow, aCol, m, k, level);
  importRight64(right, b, shared, columns, bRow, bCol, k, n, level);
  multiply(result, left, right, m, k, n, level, rest);
  exportResult64(c, result, rows, columns, cRow, m, n, level);
}
