// Arithmetic mod a prime p below 2^30, four lanes of 32 bits at a time. A constant factor w comes with its quotient
// ws = floor(w·2^32 / p) (Shoup), so that a product takes no division. "Lazy" values are below a small multiple of p.
//
// Everything here and in the other files runs in constant time: no branch and no address depends on a secret.

// @ts-ignore: decorator
@inline
function high(y: v128, w: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(y, w);
  const rest = i64x2.extmul_high_i32x4_u(y, w);
  return v128.shuffle<u32>(low, rest, 1, 3, 5, 7);
}

/** y·w mod p, below 2p, for any y. */
// @ts-ignore: decorator
@inline
export function multiplyLazy(y: v128, w: v128, ws: v128, p: v128): v128 {
  return i32x4.sub(i32x4.mul(y, w), i32x4.mul(high(y, ws), p));
}

/** The same number below m, if x is below 2m. */
// @ts-ignore: decorator
@inline
export function below(x: v128, m: v128): v128 {
  return i32x4.min_u(x, i32x4.sub(x, m));
}

/** y·w mod p, for any y. */
// @ts-ignore: decorator
@inline
export function multiplyBy(y: v128, w: v128, ws: v128, p: v128): v128 {
  return below(multiplyLazy(y, w, ws, p), p);
}

/** Reduce four sums of 64 bits mod p. `constants` holds p, 2^32 mod p with its quotient, and the quotient of 1. */
// @ts-ignore: decorator
@inline
export function reduceSums(first: v128, second: v128, constants: usize): v128 {
  const p = v128.load_splat<u32>(constants);
  const low = v128.shuffle<u32>(first, second, 0, 2, 4, 6);
  const up = v128.shuffle<u32>(first, second, 1, 3, 5, 7);
  const lazy = multiplyLazy(up, v128.load_splat<u32>(constants, 4), v128.load_splat<u32>(constants, 8), p);
  const rest = multiplyLazy(low, i32x4.splat(1), v128.load_splat<u32>(constants, 12), p);
  return below(below(i32x4.add(lazy, rest), i32x4.shl(p, 1)), p);
}
