// Scaling and exact rounding of numbers that are given by their residues modulo primes p_0, p_1, … Each begins with the
// digits v_l = x_l · (P/p_l)^−1 mod p_l, P the product of the primes: x is the sum of v_l · P/p_l, less a multiple k of P.
// Scaled sums are exact in fixed point: constants are cut into pieces of 28 bits, so that sums of products of 30 and 28 bits
// fit 64 bits; pieces are added, then carries are passed on.
//
// Tables of constants, words of 32 bits each: `inverses` has the factor and its quotient for each prime; `pieces` has, for
// each piece from the lowest, the constants of all primes.

import { below, multiplyBy, multiplyLazy } from "./lanes";

const PIECE: i32 = 28;
const MASK: u64 = (1 << 28) - 1;
/** The most terms of a sum, and the most pieces. */
const terms: usize = memory.data(16 * 16, 16);
const digits: usize = memory.data(32 * 8, 16);

/** Compute the digits v_l of four numbers. */
// @ts-ignore: decorator
@inline
function loadTerms(x: usize, stride: usize, limbs: usize, inverses: usize, primes: usize): void {
  for (let l: usize = 0; l < limbs; l++) {
    const w = v128.load_splat<u32>(inverses + (l << 3));
    const ws = v128.load_splat<u32>(inverses + (l << 3), 4);
    v128.store(terms + (l << 4), multiplyBy(v128.load(x), w, ws, v128.load_splat<u32>(primes + (l << 2))));
    x += stride;
  }
}

/** Sum up `count` terms times constants into pieces; add half of the place below piece `whole`. Returns nothing: see `digits`. */
// @ts-ignore: decorator
@inline
function sumPieces(count: usize, constants: usize, pieces: usize, whole: usize): void {
  let carry = i64x2.splat(0);
  let carryUp = i64x2.splat(0);
  const mask = i64x2.splat(MASK);
  for (let j: usize = 0; j < pieces; j++) {
    let sum = carry;
    let sumUp = carryUp;
    if (j + 1 == whole) {
      sum = i64x2.add(sum, i64x2.splat(1 << 27));
      sumUp = i64x2.add(sumUp, i64x2.splat(1 << 27));
    }
    for (let l: usize = 0; l < count; l++) {
      const v = v128.load(terms + (l << 4));
      const c = v128.load_splat<u32>(constants);
      sum = i64x2.add(sum, i64x2.extmul_low_i32x4_u(v, c));
      sumUp = i64x2.add(sumUp, i64x2.extmul_high_i32x4_u(v, c));
      constants += 4;
    }
    v128.store(digits + (j << 5), v128.and(sum, mask));
    v128.store(digits + (j << 5), v128.and(sumUp, mask), 16);
    carry = i64x2.shr_u(sum, PIECE);
    carryUp = i64x2.shr_u(sumUp, PIECE);
  }
  v128.store(digits + (pieces << 5), carry);
  v128.store(digits + (pieces << 5), carryUp, 16);
}

/** The word that begins at piece j, and the one above it, of half of the four numbers. */
// @ts-ignore: decorator
@inline
function lowWord(j: usize): v128 {
  const at = digits + (j << 5);
  return v128.or(
    v128.or(v128.load(at), i64x2.shl(v128.load(at + 32), PIECE)),
    i64x2.shl(v128.load(at + 64), 2 * PIECE),
  );
}

// @ts-ignore: decorator
@inline
function highWord(j: usize): v128 {
  const at = digits + (j << 5);
  return v128.or(
    v128.or(i64x2.shr_u(v128.load(at + 64), 8), i64x2.shl(v128.load(at + 96), 20)),
    i64x2.shl(v128.load(at + 128), 48),
  );
}

/** round(x·c/P) mod 2^64, where the constants are c/p_l with four pieces of fraction and three of integer. */
export function roundToWord(
  x: usize,
  stride: usize,
  limbs: usize,
  n: usize,
  inverses: usize,
  primes: usize,
  constants: usize,
  to: usize,
): void {
  for (let i: usize = 0; i < n; i += 4, x += 16, to += 32) {
    loadTerms(x, stride, limbs, inverses, primes);
    sumPieces(limbs, constants, 7, 4);
    v128.store(to, lowWord(4));
    v128.store(to, v128.load(digits + 16 + (4 << 5)), 16);
    v128.store(to, v128.or(v128.or(v128.load(to, 16), i64x2.shl(v128.load(digits + 16 + (5 << 5)), PIECE)), i64x2.shl(v128.load(digits + 16 + (6 << 5)), 2 * PIECE)), 16);
  }
}

/** round(x·2^128/P) mod 2^128, where the constants are 2^128/p_l with two pieces of fraction and five of integer. */
export function roundToPair(
  x: usize,
  stride: usize,
  limbs: usize,
  n: usize,
  inverses: usize,
  primes: usize,
  constants: usize,
  low: usize,
  high: usize,
): void {
  for (let i: usize = 0; i < n; i += 4, x += 16, low += 32, high += 32) {
    loadTerms(x, stride, limbs, inverses, primes);
    sumPieces(limbs, constants, 7, 2);
    storePair(2, low, high);
  }
}

// @ts-ignore: decorator
@inline
function storePair(j: usize, low: usize, high: usize): void {
  const at = digits + (j << 5) + 16;
  v128.store(low, lowWord(j));
  v128.store(high, highWord(j));
  const two = v128.load(at + 64);
  const first = v128.or(v128.load(at), i64x2.shl(v128.load(at + 32), PIECE));
  v128.store(low, v128.or(first, i64x2.shl(two, 2 * PIECE)), 16);
  const second = v128.or(i64x2.shr_u(two, 8), i64x2.shl(v128.load(at + 96), 20));
  v128.store(high, v128.or(second, i64x2.shl(v128.load(at + 128), 48)), 16);
}

/** The multiple k of P, as words of 32 bits: the sum of v_l/p_l, rounded. `ratios` are 2^58/p_l. */
// @ts-ignore: decorator
@inline
function wraps(limbs: usize, ratios: usize): v128 {
  let sum = i64x2.splat(1 << 57);
  let sumUp = sum;
  for (let l: usize = 0; l < limbs; l++) {
    const v = v128.load(terms + (l << 4));
    const ratio = i64x2.splat(load<u64>(ratios + (l << 3)));
    sum = i64x2.add(sum, i64x2.mul(i64x2.extend_low_i32x4_u(v), ratio));
    sumUp = i64x2.add(sumUp, i64x2.mul(i64x2.extend_high_i32x4_u(v), ratio));
  }
  return v128.shuffle<u32>(i64x2.shr_u(sum, 58), i64x2.shr_u(sumUp, 58), 0, 2, 4, 6);
}

/**
 * x mod 2^128, for x well below P/2 in magnitude. The constants are P/p_l mod 2^140 in five pieces, and −P as that of k.
 */
export function liftToPair(
  x: usize,
  stride: usize,
  limbs: usize,
  n: usize,
  inverses: usize,
  primes: usize,
  ratios: usize,
  constants: usize,
  low: usize,
  high: usize,
): void {
  for (let i: usize = 0; i < n; i += 4, x += 16, low += 32, high += 32) {
    loadTerms(x, stride, limbs, inverses, primes);
    v128.store(terms + (limbs << 4), wraps(limbs, ratios));
    sumPieces(limbs + 1, constants, 5, 0);
    storePair(0, low, high);
  }
}

/** round(x / 2^64) mod 2^64, for x of 128 bits. */
export function topWord(low: usize, high: usize, n: usize, to: usize): void {
  for (let i: usize = 0; i < n << 3; i += 16)
    v128.store(to + i, i64x2.add(v128.load(high + i), i64x2.shr_u(v128.load(low + i), 63)));
}

// @ts-ignore: decorator
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const other = a0 * b1 + (middle & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}

/** round(t·x / 2^128), for x of 128 bits. */
export function scaledTop(low: usize, high: usize, n: usize, t: u64, to: usize): void {
  for (let i: usize = 0; i < n << 3; i += 8) {
    const x = load<u64>(high + i);
    const middle = t * x;
    const sum = middle + multiplyHigh(t, load<u64>(low + i));
    const carry = (sum < middle) as u64;
    store<u64>(to + i, multiplyHigh(t, x) + carry + (sum >> 63));
  }
}

/**
 * Replace residues by digits v_l, and write the multiples k of P such that x − kP is nearest to zero, up to rounding.
 */
export function toDigits(
  x: usize,
  stride: usize,
  limbs: usize,
  n: usize,
  inverses: usize,
  primes: usize,
  ratios: usize,
  k: usize,
): void {
  for (let i: usize = 0; i < n; i += 4, x += 16, k += 16) {
    loadTerms(x, stride, limbs, inverses, primes);
    for (let l: usize = 0; l < limbs; l++) v128.store(x + l * stride, v128.load(terms + (l << 4)));
    v128.store(k, wraps(limbs, ratios));
  }
}

/**
 * The sum of v_l·a_l and k·a_limbs mod p.
 *
 * @param factors - each with its quotient
 */
export function fromDigits(
  v: usize,
  stride: usize,
  limbs: usize,
  k: usize,
  n: usize,
  factors: usize,
  prime: u32,
  to: usize,
): void {
  const p = i32x4.splat(prime);
  const p2 = i32x4.splat(prime << 1);
  const last = factors + (limbs << 3);
  for (let i: usize = 0; i < n; i += 4, v += 16, k += 16, to += 16) {
    let sum = multiplyLazy(v128.load(k), v128.load_splat<u32>(last), v128.load_splat<u32>(last, 4), p);
    for (let l: usize = 0; l < limbs; l++) {
      const at = factors + (l << 3);
      const term = multiplyLazy(v128.load(v + l * stride), v128.load_splat<u32>(at), v128.load_splat<u32>(at, 4), p);
      sum = below(i32x4.add(sum, term), p2);
    }
    v128.store(to, below(sum, p));
  }
}

/**
 * The number nearest to zero with these residues, mod 2^64. The constants are 1/p_l in four pieces of fraction; `weights`
 * are the words P/p_l mod 2^64, and −P after them.
 */
export function nearestWord(
  x: usize,
  stride: usize,
  limbs: usize,
  n: usize,
  inverses: usize,
  primes: usize,
  constants: usize,
  weights: usize,
  to: usize,
): void {
  const least = i64x2.splat(load<u64>(weights + (limbs << 3)));
  for (let i: usize = 0; i < n; i += 4, x += 16, to += 32) {
    loadTerms(x, stride, limbs, inverses, primes);
    sumPieces(limbs, constants, 4, 4);
    const at = digits + (4 << 5);
    let word = i64x2.mul(v128.load(at), least);
    let wordUp = i64x2.mul(v128.load(at, 16), least);
    for (let l: usize = 0; l < limbs; l++) {
      const v = v128.load(terms + (l << 4));
      const weight = i64x2.splat(load<u64>(weights + (l << 3)));
      word = i64x2.add(word, i64x2.mul(i64x2.extend_low_i32x4_u(v), weight));
      wordUp = i64x2.add(wordUp, i64x2.mul(i64x2.extend_high_i32x4_u(v), weight));
    }
    v128.store(to, word);
    v128.store(to, wordUp, 16);
  }
}

/** Overwrite the numbers that these functions worked on last. */
export function wipeScratch(): void {
  memory.fill(terms, 0, 16 * 16);
  memory.fill(digits, 0, 32 * 8);
}
