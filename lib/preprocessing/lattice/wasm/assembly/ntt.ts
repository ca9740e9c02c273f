// The negacyclic number-theoretic transform in Z_p[X]/(X^n + 1), p = 1 mod 2n and below 2^29, with lazy butterflies, two layers
// at a time: values stay below 8p (Harvey, "Faster arithmetic for number-theoretic transforms", JSC 2014, algorithms 3 and
// 4; the order of the roots as in Longa and Naehrig, ePrint 2016/504). Coefficients are words of 32 bits. Products are taken
// element by element, so no caller depends on the order of a transform: it is bit-reversed, but in each eight values 0, 4,
// 2, 6, 1, 5, 3, 7, as the last layers leave them.
//
// A table has n powers of a root in bit-reversed order, those of the last layer with the middle two of each four exchanged,
// then their n quotients.

import { below, multiplyBy, multiplyLazy } from "./lanes";

/** Fill a table with the powers of a root mod p. */
export function fillTable(root: u32, p: u32, n: usize, table: usize): void {
  const shift: u32 = 32 - ctz<u32>(n as u32);
  let power: u64 = 1;
  for (let i: u32 = 0; i < (n as u32); i++) {
    let reversed = i;
    reversed = ((reversed >> 1) & 0x55555555) | ((reversed & 0x55555555) << 1);
    reversed = ((reversed >> 2) & 0x33333333) | ((reversed & 0x33333333) << 2);
    reversed = ((reversed >> 4) & 0x0f0f0f0f) | ((reversed & 0x0f0f0f0f) << 4);
    reversed = bswap<u32>(reversed) >> shift;
    // In the last layer, exchange 1 and 2 of each four.
    const differ = (reversed ^ (reversed >> 1)) & 1;
    if (reversed >= (n as u32) >> 1) reversed ^= differ | (differ << 1);
    const at = table + ((reversed as usize) << 2);
    store<u32>(at, power as u32);
    store<u32>(at + (n << 2), ((power << 32) / p) as u32);
    power = (power * root) % p;
  }
}

/** One layer of butterflies, m blocks, from values below 6p to values below 8p. */
// @ts-ignore: decorator
@inline
function layer(x: usize, n: usize, m: usize, table: usize, p: v128, p2: v128): void {
  const up = n / m << 1;
  const p4 = i32x4.add(p2, p2);
  for (let i: usize = 0; i < m; i++, x += up << 1) {
    const at = table + ((m + i) << 2);
    const w = v128.load_splat<u32>(at);
    const ws = v128.load_splat<u32>(at + (n << 2));
    for (let a = x; a < x + up; a += 16) {
      const X = below(v128.load(a), p4);
      const T = multiplyLazy(v128.load(a + up), w, ws, p);
      v128.store(a, i32x4.add(X, T));
      v128.store(a + up, i32x4.add(i32x4.sub(X, T), p2));
    }
  }
}

/** Two layers of butterflies, of m and of 2m blocks, from values below 8p to values below 8p. */
// @ts-ignore: decorator
@inline
function twoLayers(x: usize, n: usize, m: usize, table: usize, p: v128, p2: v128): void {
  const quarter = n / m;
  const half = quarter << 1;
  const p4 = i32x4.add(p2, p2);
  const quotients = n << 2;
  for (let i: usize = 0; i < m; i++, x += half << 1) {
    const first = table + ((m + i) << 2);
    const second = table + ((m + i) << 3);
    const w = v128.load_splat<u32>(first);
    const ws = v128.load_splat<u32>(first + quotients);
    const u = v128.load_splat<u32>(second);
    const us = v128.load_splat<u32>(second + quotients);
    const v = v128.load_splat<u32>(second, 4);
    const vs = v128.load_splat<u32>(second + quotients, 4);
    for (let a = x; a < x + quarter; a += 16) {
      const b = a + half;
      const S = multiplyLazy(v128.load(b), w, ws, p);
      const T = multiplyLazy(v128.load(b + quarter), w, ws, p);
      const X = below(v128.load(a), p4);
      const Y = below(v128.load(a + quarter), p4);
      const A = i32x4.add(X, S);
      const C = i32x4.add(i32x4.sub(X, S), p2);
      const B = multiplyLazy(i32x4.add(Y, T), u, us, p);
      const D = multiplyLazy(i32x4.add(i32x4.sub(Y, T), p2), v, vs, p);
      v128.store(a, i32x4.add(A, B));
      v128.store(a + quarter, i32x4.add(i32x4.sub(A, B), p2));
      v128.store(b, i32x4.add(C, D));
      v128.store(b + quarter, i32x4.add(i32x4.sub(C, D), p2));
    }
  }
}

/** All layers from that of m blocks to that of n/16, from values below 4p. */
// @ts-ignore: decorator
@inline
function layers(x: usize, n: usize, m: usize, table: usize, p: v128, p2: v128): void {
  const end = n >> 4;
  if (m > end) return;
  // An odd number of layers: one by itself first.
  if (((ctz<u32>(end as u32) - ctz<u32>(m as u32)) & 1) == 0) {
    layer(x, n, m, table, p, p2);
    m <<= 1;
  }
  for (; m < end; m <<= 2) twoLayers(x, n, m, table, p, p2);
}

/**
 * The layers of distance 2 and 1 for eight values below 8p, and the reduction below p.
 *
 * @param table - at the first power of the layer of distance 2 for these values, and `next` of that of distance 1
 */
// @ts-ignore: decorator
@inline
function lastTwo(u: v128, v: v128, at: usize, table: usize, next: usize, quotients: usize, p: v128, p2: v128, p4: v128): void {
  const X = below(v128.shuffle<u32>(u, v, 0, 4, 1, 5), p4);
  const w = v128.load64_splat(table);
  const T = multiplyLazy(v128.shuffle<u32>(u, v, 2, 6, 3, 7), w, v128.load64_splat(table + quotients), p);
  const A = i32x4.add(X, T);
  const B = i32x4.add(i32x4.sub(X, T), p2);
  const Y = v128.shuffle<u64>(A, B, 0, 2);
  const S = multiplyLazy(v128.shuffle<u64>(A, B, 1, 3), v128.load(next), v128.load(next + quotients), p);
  v128.store(at, below(below(below(i32x4.add(Y, S), p4), p2), p));
  v128.store(at, below(below(below(i32x4.add(i32x4.sub(Y, S), p2), p4), p2), p), 16);
}

/** The layers of distance 4, 2 and 1 for eight values below 8p. @param i - eight values come before these i times */
// @ts-ignore: decorator
@inline
function lastThree(u: v128, v: v128, at: usize, n: usize, i: usize, table: usize, p: v128, p2: v128, p4: v128): void {
  const quotients = n << 2;
  const w = table + (n >> 1) + (i << 2);
  const X = below(u, p4);
  const T = multiplyLazy(v, v128.load_splat<u32>(w), v128.load_splat<u32>(w + quotients), p);
  const next = table + n + (i << 3);
  lastTwo(
    i32x4.add(X, T),
    i32x4.add(i32x4.sub(X, T), p2),
    at,
    next,
    table + (n << 1) + (i << 4),
    quotients,
    p,
    p2,
    p4,
  );
}

/** The layers of distance 4, 2 and 1, and the reduction below p. */
// @ts-ignore: decorator
@inline
function lastLayers(x: usize, n: usize, table: usize, p: v128, p2: v128): void {
  const p4 = i32x4.add(p2, p2);
  const count = n >> 3;
  for (let i: usize = 0; i < count; i++, x += 32) lastThree(v128.load(x), v128.load(x, 16), x, n, i, table, p, p2, p4);
}

/** Transform n coefficients below 4p in place; the results are below p. */
export function forward(x: usize, n: usize, table: usize, prime: u32): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  layers(x, n, 1, table, p, p2);
  lastLayers(x, n, table, p, p2);
}

/**
 * Transform a polynomial that is zero but for the first `width` coefficients of every `stretch`, both powers of two, width
 * at least 4, stretch at least 8. `rows` has these coefficients alone. Layers that would combine zeros are left out, or copy.
 */
export function forwardSparse(
  rows: usize,
  x: usize,
  n: usize,
  stretch: usize,
  width: usize,
  table: usize,
  prime: u32,
): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  const bytes = width << 2;
  const end = x + (n << 2);
  const step = stretch << 2;
  for (let a = x; a < end; a += step, rows += bytes) memory.copy(a, rows, bytes);
  let t = n >> 1;
  for (let m: usize = 1; t >= stretch; t >>= 1, m <<= 1) {
    for (let i: usize = 0; i < m; i++) {
      const at = table + ((m + i) << 2);
      const w = v128.load_splat<u32>(at);
      const ws = v128.load_splat<u32>(at + (n << 2));
      const start = x + ((2 * i * t) << 2);
      const up = t << 2;
      for (let row = start; row < start + up; row += step) {
        for (let a = row; a < row + bytes; a += 16) {
          const X = below(v128.load(a), p2);
          const T = multiplyLazy(v128.load(a + up), w, ws, p);
          v128.store(a, i32x4.add(X, T));
          v128.store(a + up, i32x4.add(i32x4.sub(X, T), p2));
        }
      }
    }
  }
  // Within a stretch, each layer adds a multiple of zero: it copies. Narrow rows are copied in registers.
  const p4 = i32x4.add(p2, p2);
  const eights = stretch >> 3;
  let i: usize = 0;
  if (width == 4) {
    for (let row = x; row < end; row += step) {
      const u = v128.load(row);
      for (let j: usize = 0; j < eights; j++, i++)
        lastTwo(u, u, row + (j << 5), table + n + (i << 3), table + (n << 1) + (i << 4), n << 2, p, p2, p4);
    }
    return;
  }
  if (width == 8) {
    for (let row = x; row < end; row += step) {
      const u = v128.load(row);
      const v = v128.load(row, 16);
      for (let j: usize = 0; j < eights; j++, i++) lastThree(u, v, row + (j << 5), n, i, table, p, p2, p4);
    }
    return;
  }
  for (let row = x; row < end; row += step)
    for (let size = bytes; size < step; size <<= 1) memory.copy(row + size, row, size);
  layers(x, n, n / width, table, p, p2);
  lastLayers(x, n, table, p, p2);
}

/** One layer of the way back, m blocks, from values below 2p to values below 2p. */
// @ts-ignore: decorator
@inline
function inverseLayer(x: usize, n: usize, m: usize, table: usize, p: v128, p2: v128): void {
  const up = n / m << 1;
  for (let i: usize = 0; i < m; i++, x += up << 1) {
    const at = table + ((m + i) << 2);
    const w = v128.load_splat<u32>(at);
    const ws = v128.load_splat<u32>(at + (n << 2));
    for (let a = x; a < x + up; a += 16) {
      const X = v128.load(a);
      const Y = v128.load(a + up);
      v128.store(a, below(i32x4.add(X, Y), p2));
      v128.store(a + up, multiplyLazy(i32x4.add(i32x4.sub(X, Y), p2), w, ws, p));
    }
  }
}

/** Two layers of the way back, of m and of m/2 blocks. */
// @ts-ignore: decorator
@inline
function inverseTwoLayers(x: usize, n: usize, m: usize, table: usize, p: v128, p2: v128): void {
  const quarter = n / m << 1;
  const half = quarter << 1;
  const p4 = i32x4.add(p2, p2);
  const quotients = n << 2;
  for (let i: usize = 0; i < m; i += 2, x += half << 1) {
    const first = table + ((m + i) << 2);
    const second = table + (((m + i) >> 1) << 2);
    const u = v128.load_splat<u32>(first);
    const us = v128.load_splat<u32>(first + quotients);
    const v = v128.load_splat<u32>(first, 4);
    const vs = v128.load_splat<u32>(first + quotients, 4);
    const w = v128.load_splat<u32>(second);
    const ws = v128.load_splat<u32>(second + quotients);
    for (let a = x; a < x + quarter; a += 16) {
      const b = a + half;
      const A = v128.load(a);
      const B = v128.load(a + quarter);
      const C = v128.load(b);
      const D = v128.load(b + quarter);
      // Sums stay below 4p until they are added again.
      const S = i32x4.add(A, B);
      const T = i32x4.add(C, D);
      const U = multiplyLazy(i32x4.add(i32x4.sub(A, B), p2), u, us, p);
      const V = multiplyLazy(i32x4.add(i32x4.sub(C, D), p2), v, vs, p);
      v128.store(a, below(below(i32x4.add(S, T), p4), p2));
      v128.store(a + quarter, below(i32x4.add(U, V), p2));
      v128.store(b, multiplyLazy(i32x4.add(i32x4.sub(S, T), p4), w, ws, p));
      v128.store(b + quarter, multiplyLazy(i32x4.add(i32x4.sub(U, V), p2), w, ws, p));
    }
  }
}

/**
 * Undo `forward`, in place, from values below p; the results are below p.
 *
 * @param scale - p-th residue of 1/n with its quotient, then that of the last root divided by n with its quotient
 */
export function inverse(x: usize, n: usize, table: usize, prime: u32, scale: usize): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  const end = x + (n << 2);
  const quotients = n << 2;
  let w = table + n;
  let next = table + (n << 1);
  for (let a = x; a < end; a += 32, w += 8, next += 16) {
    const C = v128.load(a);
    const D = v128.load(a, 16);
    const S = i32x4.add(C, D);
    const T = multiplyLazy(i32x4.add(i32x4.sub(C, D), p), v128.load(next), v128.load(next + quotients), p);
    const X = v128.shuffle<u64>(S, T, 0, 2);
    const Y = v128.shuffle<u64>(S, T, 1, 3);
    const A = below(i32x4.add(X, Y), p2);
    const f = v128.load64_splat(w);
    const B = multiplyLazy(i32x4.add(i32x4.sub(X, Y), p2), f, v128.load64_splat(w + quotients), p);
    v128.store(a, v128.shuffle<u32>(A, B, 0, 2, 4, 6));
    v128.store(a, v128.shuffle<u32>(A, B, 1, 3, 5, 7), 16);
  }
  // Two layers at a time, from m and m/2 blocks, down to the last layer of one block.
  let m = n >> 3;
  if ((ctz<u32>(m as u32) & 1) == 1) {
    inverseLayer(x, n, m, table, p, p2);
    m >>= 1;
  }
  for (; m > 1; m >>= 2) inverseTwoLayers(x, n, m, table, p, p2);
  const f = v128.load_splat<u32>(scale);
  const fs = v128.load_splat<u32>(scale, 4);
  const g = v128.load_splat<u32>(scale, 8);
  const gs = v128.load_splat<u32>(scale, 12);
  const up = n << 1;
  for (let a = x; a < x + up; a += 16) {
    const X = v128.load(a);
    const Y = v128.load(a + up);
    v128.store(a, multiplyBy(i32x4.add(X, Y), f, fs, p));
    v128.store(a + up, multiplyBy(i32x4.add(i32x4.sub(X, Y), p2), g, gs, p));
  }
}
