// Random polynomials from random bytes. Rejected candidates tell nothing about those that are accepted.

import { below } from "./lanes";

/** Take words below p, of as many bits as the mask has; returns how many were found, at most `missing`. */
export function uniform(words: usize, count: usize, mask: u32, p: u32, to: usize, missing: usize): usize {
  let found: usize = 0;
  for (let i: usize = 0; i < count && found < missing; i++) {
    const word = load<u32>(words + (i << 2)) & mask;
    store<u32>(to + (found << 2), word);
    found += (word < p) as usize;
  }
  return found;
}

/**
 * Take numbers −1, 0 and 1, one byte each, from pairs of bits other than 11; returns how many were found. May write up to 3
 * more than are missing.
 */
export function ternary(bytes: usize, count: usize, to: usize, missing: usize): usize {
  let found: usize = 0;
  for (let i: usize = 0; i < count && found < missing; i++) {
    let pairs: u32 = load<u8>(bytes + i);
    for (let j = 0; j < 4; j++) {
      const pair = pairs & 3;
      store<i8>(to + found, (pair as i8) - 1);
      found += (pair != 3) as usize;
      pairs >>= 2;
    }
  }
  return found < missing ? found : missing;
}

const HALF: u64 = (1 << 21) - 1;

/** Centred binomial numbers, one byte each: the ones among 21 bits less those among 21 others, of six bytes for each. */
export function binomial(bytes: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const bits = load<u32>(bytes) | ((load<u16>(bytes, 4) as u64) << 32);
    store<i8>(to + i, (popcnt<u64>(bits & HALF) - popcnt<u64>((bits >> 21) & HALF)) as i8);
    bytes += 6;
  }
}

/** to = x + small mod p, for small numbers of one byte each. */
export function addSmall(x: usize, small: usize, n: usize, prime: u32, to: usize): void {
  const p = i32x4.splat(prime);
  for (let i: usize = 0; i < n; i += 4) {
    const bytes = v128.load32_zero(small + i);
    const value = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
    const residue = i32x4.add(value, v128.and(i32x4.shr_s(value, 31), p));
    v128.store(to + (i << 2), below(i32x4.add(v128.load(x + (i << 2)), residue), p));
  }
}
