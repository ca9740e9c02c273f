// The innermost product of `winograd` mod 2^128, by Winograd's inner product as in tiles64.ts: Σ a·b over pairs is
// Σ (a_l + b_{l+1})(a_{l+1} + b_l) − Σ a_l·a_{l+1} − Σ b_l·b_{l+1}.
//
// Split each element into five limbs of 26 bits. Adding two elements adds their limbs without a carry. A product of
// sums is below 2^54, so 2 · DEPTH of them, four at a place, fit in 64 bits. Places from 2^104 on matter only mod 2^24
// and are summed in 32-bit lanes. Carries are propagated once, at the end.

import { mulHigh } from "./word128";

const MASK: u32 = 0x3ffffff;
const DEPTH: u32 = 256;

/** −Σ x_l·x_{l+1} of each of n lines of k, `step` bytes apart, to five limbs of 64 bits each, `place` bytes apart. */
function lineSums(out: usize, x: usize, n: u32, k: u32, step: usize, next: usize, place: usize): void {
  for (let i: u32 = 0; i < n; i++, out += next, x += step) {
    let lo: u64 = 0;
    let hi: u64 = 0;
    for (let l = x, e = x + (<usize>k << 4); l < e; l += 32) {
      const a = load<u64>(l);
      const b = load<u64>(l, 16);
      const low = a * b;
      hi -= mulHigh(a, b) + a * load<u64>(l, 24) + b * load<u64>(l, 8) + u64(lo < low);
      lo -= low;
    }
    store<u64>(out, lo & MASK);
    store<u64>(out + place, (lo >> 26) & MASK);
    store<u64>(out + 2 * place, ((lo >> 52) | (hi << 12)) & MASK);
    store<u64>(out + 3 * place, (hi >> 14) & MASK);
    store<u64>(out + 4 * place, hi >> 40);
  }
}

/** The limbs of four elements, five vectors. */
// @ts-ignore: decorator
@inline
function limbs(out: usize, x0: usize, x1: usize, x2: usize, x3: usize): void {
  const mask = i32x4.splat(MASK);
  const e0 = v128.load(x0);
  const e1 = v128.load(x1);
  const e2 = v128.load(x2);
  const e3 = v128.load(x3);
  const lo0 = v128.shuffle<u64>(e0, e1, 0, 2);
  const lo1 = v128.shuffle<u64>(e2, e3, 0, 2);
  const hi0 = v128.shuffle<u64>(e0, e1, 1, 3);
  const hi1 = v128.shuffle<u64>(e2, e3, 1, 3);
  v128.store(out, v128.and(mask, v128.shuffle<u32>(lo0, lo1, 0, 2, 4, 6)));
  v128.store(out, v128.and(mask, v128.shuffle<u32>(i64x2.shr_u(lo0, 26), i64x2.shr_u(lo1, 26), 0, 2, 4, 6)), 16);
  const m0 = v128.or(i64x2.shr_u(lo0, 52), i64x2.shl(hi0, 12));
  const m1 = v128.or(i64x2.shr_u(lo1, 52), i64x2.shl(hi1, 12));
  v128.store(out, v128.and(mask, v128.shuffle<u32>(m0, m1, 0, 2, 4, 6)), 32);
  v128.store(out, v128.and(mask, v128.shuffle<u32>(i64x2.shr_u(hi0, 14), i64x2.shr_u(hi1, 14), 0, 2, 4, 6)), 48);
  v128.store(out, v128.shuffle<u32>(i64x2.shr_u(hi0, 40), i64x2.shr_u(hi1, 40), 0, 2, 4, 6), 64);
}

// @ts-ignore: decorator
@inline
function low(sum: v128, s: v128, t: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_low_i32x4_u(s, t));
}

// @ts-ignore: decorator
@inline
function high(sum: v128, s: v128, t: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_high_i32x4_u(s, t));
}

/** Convert the five places of two elements to words, [lo, lo] and [hi, hi], and store them as [lo, hi] twice. */
// @ts-ignore: decorator
@inline
function settle(c: usize, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, add: bool): void {
  const mask = i64x2.splat(MASK);
  w1 = i64x2.add(w1, i64x2.shr_u(w0, 26));
  w2 = i64x2.add(w2, i64x2.shr_u(w1, 26));
  w3 = i64x2.add(w3, i64x2.shr_u(w2, 26));
  const d2 = v128.and(w2, mask);
  const lo = v128.or(
    v128.or(v128.and(w0, mask), i64x2.shl(v128.and(w1, mask), 26)),
    i64x2.shl(d2, 52),
  );
  const hi = i64x2.add(i64x2.add(i64x2.shr_u(d2, 12), i64x2.shl(w3, 14)), i64x2.shl(w4, 40));
  if (add) {
    const a = load<u64>(c) + i64x2.extract_lane(lo, 0);
    const b = load<u64>(c, 16) + i64x2.extract_lane(lo, 1);
    store<u64>(c, load<u64>(c, 8) + i64x2.extract_lane(hi, 0) + u64(a < <u64>i64x2.extract_lane(lo, 0)), 8);
    store<u64>(c, load<u64>(c, 24) + i64x2.extract_lane(hi, 1) + u64(b < <u64>i64x2.extract_lane(lo, 1)), 24);
    store<u64>(c, a);
    store<u64>(c, b, 16);
  } else {
    v128.store(c, v128.shuffle<u64>(lo, hi, 0, 2));
    v128.store(c, v128.shuffle<u64>(lo, hi, 1, 3), 16);
  }
}

/**
 * One row by four columns over k ≤ DEPTH, from the sums to start with.
 *
 * @param a - limbs i of a_l and a_{l+1} at 16·i, the next pair 80 bytes on
 * @param b - the limbs of b_{l+1} for four columns, then those of b_l, the next pair 160 bytes on
 */
function kernel(c: usize, a: usize, b: usize, k: u32, row: usize, columns: usize, add: bool): void {
  let p0 = i64x2.add(v128.load64_splat(row), v128.load(columns));
  let q0 = i64x2.add(v128.load64_splat(row), v128.load(columns, 16));
  let p1 = i64x2.add(v128.load64_splat(row, 8), v128.load(columns, 32));
  let q1 = i64x2.add(v128.load64_splat(row, 8), v128.load(columns, 48));
  let p2 = i64x2.add(v128.load64_splat(row, 16), v128.load(columns, 64));
  let q2 = i64x2.add(v128.load64_splat(row, 16), v128.load(columns, 80));
  let p3 = i64x2.add(v128.load64_splat(row, 24), v128.load(columns, 96));
  let q3 = i64x2.add(v128.load64_splat(row, 24), v128.load(columns, 112));
  let top = i64x2.splat(0);
  for (const e = b + <usize>k * 80; b < e; b += 160, a += 80) {
    const t0 = i32x4.add(v128.load32_splat(a, 4), v128.load(b, 80));
    const t1 = i32x4.add(v128.load32_splat(a, 20), v128.load(b, 96));
    const t2 = i32x4.add(v128.load32_splat(a, 36), v128.load(b, 112));
    const t3 = i32x4.add(v128.load32_splat(a, 52), v128.load(b, 128));
    const t4 = i32x4.add(v128.load32_splat(a, 68), v128.load(b, 144));
    const s0 = i32x4.add(v128.load32_splat(a), v128.load(b));
    p0 = low(p0, s0, t0);
    q0 = high(q0, s0, t0);
    p1 = low(p1, s0, t1);
    q1 = high(q1, s0, t1);
    p2 = low(p2, s0, t2);
    q2 = high(q2, s0, t2);
    p3 = low(p3, s0, t3);
    q3 = high(q3, s0, t3);
    top = i32x4.add(top, i32x4.mul(s0, t4));
    const s1 = i32x4.add(v128.load32_splat(a, 16), v128.load(b, 16));
    p1 = low(p1, s1, t0);
    q1 = high(q1, s1, t0);
    p2 = low(p2, s1, t1);
    q2 = high(q2, s1, t1);
    p3 = low(p3, s1, t2);
    q3 = high(q3, s1, t2);
    top = i32x4.add(top, i32x4.mul(s1, t3));
    const s2 = i32x4.add(v128.load32_splat(a, 32), v128.load(b, 32));
    p2 = low(p2, s2, t0);
    q2 = high(q2, s2, t0);
    p3 = low(p3, s2, t1);
    q3 = high(q3, s2, t1);
    top = i32x4.add(top, i32x4.mul(s2, t2));
    const s3 = i32x4.add(v128.load32_splat(a, 48), v128.load(b, 48));
    p3 = low(p3, s3, t0);
    q3 = high(q3, s3, t0);
    top = i32x4.add(top, i32x4.mul(s3, t1));
    const s4 = i32x4.add(v128.load32_splat(a, 64), v128.load(b, 64));
    top = i32x4.add(top, i32x4.mul(s4, t0));
  }
  const p4 = i64x2.add(v128.load64_splat(row, 32), v128.load(columns, 128));
  const q4 = i64x2.add(v128.load64_splat(row, 32), v128.load(columns, 144));
  settle(c, p0, p1, p2, p3, i64x2.add(p4, i64x2.extend_low_i32x4_u(top)), add);
  settle(c + 32, q0, q1, q2, q3, i64x2.add(q4, i64x2.extend_high_i32x4_u(top)), add);
}

/** Scratch for `tileProduct128`: the limbs and the sums of a block of the shared dimension. */
export function tileScratch128(m: u32, k: u32, n: u32): f64 {
  return 20 * <f64>min(k, DEPTH) * (<f64>m + <f64>n) + 40 * (<f64>m + <f64>n);
}

/** The product of two tiles: m and k even, n a multiple of 4. */
export function tileProduct128(c: usize, a: usize, b: usize, m: u32, k: u32, n: u32, scratch: usize): void {
  const line = <usize>k << 4;
  for (let l: u32 = 0; l < k; l += DEPTH) {
    const depth = min(DEPTH, k - l);
    block(c, a + (<usize>l << 4), b + (<usize>l << 4), m, depth, n, line, scratch, l > 0);
  }
}

/** A block of the shared dimension; lines of both operands are `line` bytes apart. */
function block(
  c: usize, a: usize, b: usize, m: u32, k: u32, n: u32, line: usize, scratch: usize, add: bool,
): void {
  const rows = scratch;
  const columns = rows + <usize>m * 40;
  const left = columns + <usize>n * 40;
  const right = left + <usize>m * k * 20;
  lineSums(rows, a, m, k, line, 40, 8);
  // For every four columns, store place after place, each with its four columns.
  for (let j: u32 = 0; j < n; j += 4) lineSums(columns + <usize>j * 40, b + <usize>j * line, 4, k, line, 8, 32);
  let to = left;
  for (let i: u32 = 0; i < m; i += 2) {
    for (let x = a + <usize>i * line, e = x + (<usize>k << 4); x < e; x += 32, to += 80) {
      limbs(to, x, x + 16, x + line, x + line + 16);
    }
  }
  to = right;
  for (let j: u32 = 0; j < n; j += 4) {
    for (let x = b + <usize>j * line, e = x + (<usize>k << 4); x < e; x += 32, to += 160) {
      limbs(to, x + 16, x + line + 16, x + 2 * line + 16, x + 3 * line + 16);
      limbs(to + 80, x, x + line, x + 2 * line, x + 3 * line);
    }
  }
  const pairs = <usize>k * 40;
  for (let j: usize = 0; j < <usize>n; j += 4) {
    for (let i: usize = 0; i < <usize>m; i++) {
      const from = left + (i >> 1) * pairs + ((i & 1) << 3);
      kernel(c + ((i * n + j) << 4), from, right + j * <usize>k * 20, k, rows + i * 40, columns + j * 40, add);
    }
  }
}
