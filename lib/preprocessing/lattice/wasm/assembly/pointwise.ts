// Products and sums of transforms mod a prime, element by element. All values are below p.

import { below, reduceSums } from "./lanes";

/** x ∘ y mod p. */
export function multiply(x: usize, y: usize, n: usize, constants: usize, to: usize): void {
  for (let i: usize = 0; i < n << 2; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(y + i);
    const first = i64x2.extmul_low_i32x4_u(a, b);
    v128.store(to + i, reduceSums(first, i64x2.extmul_high_i32x4_u(a, b), constants));
  }
}

/** to −= x ∘ y mod p. */
export function subtractProduct(to: usize, x: usize, y: usize, n: usize, constants: usize): void {
  const p = v128.load_splat<u32>(constants);
  for (let i: usize = 0; i < n << 2; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(y + i);
    const first = i64x2.extmul_low_i32x4_u(a, b);
    const product = reduceSums(first, i64x2.extmul_high_i32x4_u(a, b), constants);
    v128.store(to + i, below(i32x4.sub(i32x4.add(v128.load(to + i), p), product), p));
  }
}

/**
 * Add to `toY` and `toZ` the sums of x ∘ y and of x ∘ z over `count` transforms, at most 32, which lie `xStride` and
 * `yStride` bytes apart. Their sums stay below 2^64 because p is below 2^29.
 */
export function addProducts(
  x: usize,
  xStride: usize,
  y: usize,
  z: usize,
  yStride: usize,
  count: usize,
  n: usize,
  constants: usize,
  toY: usize,
  toZ: usize,
): void {
  for (let i: usize = 0; i < n << 2; i += 16) {
    let first = i64x2.extend_low_i32x4_u(v128.load(toY + i));
    let second = i64x2.extend_high_i32x4_u(v128.load(toY + i));
    let third = i64x2.extend_low_i32x4_u(v128.load(toZ + i));
    let fourth = i64x2.extend_high_i32x4_u(v128.load(toZ + i));
    let a = x + i;
    let b = y + i;
    let c = z + i;
    for (let j: usize = 0; j < count; j++, a += xStride, b += yStride, c += yStride) {
      const X = v128.load(a);
      const Y = v128.load(b);
      const Z = v128.load(c);
      first = i64x2.add(first, i64x2.extmul_low_i32x4_u(X, Y));
      second = i64x2.add(second, i64x2.extmul_high_i32x4_u(X, Y));
      third = i64x2.add(third, i64x2.extmul_low_i32x4_u(X, Z));
      fourth = i64x2.add(fourth, i64x2.extmul_high_i32x4_u(X, Z));
    }
    v128.store(toY + i, reduceSums(first, second, constants));
    v128.store(toZ + i, reduceSums(third, fourth, constants));
  }
}

/** to = x·y + z mod 2^64, for words. */
export function multiplyAddWords(x: usize, y: usize, z: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count << 3; i += 16)
    v128.store(to + i, i64x2.add(i64x2.mul(v128.load(x + i), v128.load(y + i)), v128.load(z + i)));
}

/** to += x mod 2^64, for words. */
export function addWords(to: usize, x: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) store<u64>(to + (i << 3), load<u64>(to + (i << 3)) + load<u64>(x + (i << 3)));
}
