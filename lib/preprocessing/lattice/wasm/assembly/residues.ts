// Words to residues mod a prime.

import { below, multiplyLazy } from "./lanes";

/**
 * Copy a rectangle of words. Elements of a row are `step` bytes apart, rows `stride`; in the result they are `toStep` and
 * `toStride` bytes apart, which may be negative.
 */
export function gather(
  from: usize,
  rows: usize,
  columns: usize,
  stride: usize,
  step: usize,
  to: usize,
  toStride: isize,
  toStep: isize,
): void {
  for (let i: usize = 0; i < rows; i++) {
    let source = from;
    let target = to;
    for (let j: usize = 0; j < columns; j++) {
      store<u64>(target, load<u64>(source));
      source += step;
      target += toStep;
    }
    from += stride;
    to += toStride;
  }
}

/** As `gather`, but add to what is there. */
export function gatherAdd(
  from: usize,
  rows: usize,
  columns: usize,
  stride: usize,
  step: usize,
  to: usize,
  toStride: usize,
  toStep: usize,
): void {
  for (let i: usize = 0; i < rows; i++) {
    let source = from;
    let target = to;
    for (let j: usize = 0; j < columns; j++) {
      store<u64>(target, load<u64>(target) + load<u64>(source));
      source += step;
      target += toStep;
    }
    from += stride;
    to += toStride;
  }
}

/** Multiply words by a factor mod 2^64, in place. */
export function scaleWords(x: usize, n: usize, factor: u64): void {
  const f = i64x2.splat(factor);
  for (let end = x + (n << 3); x < end; x += 16) v128.store(x, i64x2.mul(v128.load(x), f));
}

/**
 * low·a + high·b + (negative ? c : 0) mod p, for the halves of each word of 64 bits; n is a multiple of 4.
 *
 * @param factors - a and its quotient, b and its quotient, c
 */
export function residues(words: usize, n: usize, factors: usize, prime: u32, to: usize): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  const a = v128.load_splat<u32>(factors);
  const as = v128.load_splat<u32>(factors, 4);
  const b = v128.load_splat<u32>(factors, 8);
  const bs = v128.load_splat<u32>(factors, 12);
  const c = v128.load_splat<u32>(factors, 16);
  for (const end = to + (n << 2); to < end; to += 16, words += 32) {
    const first = v128.load(words);
    const second = v128.load(words, 16);
    const low = v128.shuffle<u32>(first, second, 0, 2, 4, 6);
    const high = v128.shuffle<u32>(first, second, 1, 3, 5, 7);
    const lazy = below(i32x4.add(multiplyLazy(low, a, as, p), multiplyLazy(high, b, bs, p)), p2);
    const sum = i32x4.add(lazy, v128.and(i32x4.shr_s(high, 31), c));
    v128.store(to, below(below(sum, p2), p));
  }
}

/**
 * Residues mod p of numbers of 128 bits, whose low and high words lie apart.
 *
 * @param factors - 1, 2^32, 2^64 and 2^96 mod p, each with its quotient
 */
export function residues128(low: usize, high: usize, n: usize, factors: usize, prime: u32, to: usize): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  for (let i: usize = 0; i < n; i += 4, low += 32, high += 32, to += 16) {
    const a = v128.load(low);
    const b = v128.load(low, 16);
    const c = v128.load(high);
    const d = v128.load(high, 16);
    const w0 = multiplyLazy(v128.shuffle<u32>(a, b, 0, 2, 4, 6), v128.load_splat<u32>(factors), v128.load_splat<u32>(factors, 4), p);
    const w1 = multiplyLazy(v128.shuffle<u32>(a, b, 1, 3, 5, 7), v128.load_splat<u32>(factors, 8), v128.load_splat<u32>(factors, 12), p);
    const w2 = multiplyLazy(v128.shuffle<u32>(c, d, 0, 2, 4, 6), v128.load_splat<u32>(factors, 16), v128.load_splat<u32>(factors, 20), p);
    const w3 = multiplyLazy(v128.shuffle<u32>(c, d, 1, 3, 5, 7), v128.load_splat<u32>(factors, 24), v128.load_splat<u32>(factors, 28), p);
    const sum = i32x4.add(below(i32x4.add(w0, w1), p2), below(i32x4.add(w2, w3), p2));
    v128.store(to, below(below(sum, p2), p));
  }
}
