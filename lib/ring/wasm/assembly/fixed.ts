// Fixed point: doubles to integers, rounded to the nearest, ties to even, and back.

/** Find the first |x · scale| that is not below the limit: return 1 + its index, or 0 if there is none. */
export function findUnfit(x: usize, n: u32, scale: f64, limit: f64): u32 {
  for (let i: u32 = 0; i < n; i++) {
    if (!(abs(load<f64>(x + (<usize>i << 3)) * scale) < limit)) return i + 1;
  }
  return 0;
}

/**
 * Convert two integers below 2^63 in magnitude, as doubles, to two's complement without a branch. The floor of
 * x / 2^32 and the remainder are both exact; adding 1.5 · 2^52 or 2^52 leaves their low 32 bits in the mantissa.
 */
// @ts-ignore: decorator
@inline
function toWords(x: v128): v128 {
  const high = f64x2.floor(f64x2.mul(x, f64x2.splat(1 / 4294967296.0)));
  const low = f64x2.sub(x, f64x2.mul(high, f64x2.splat(4294967296.0)));
  const h = f64x2.add(high, f64x2.splat(6755399441055744.0));
  const l = f64x2.add(low, f64x2.splat(4503599627370496.0));
  // Lanes of 32 bits: the low halves of l to the low places, those of h to the high ones.
  return i8x16.shuffle(l, h, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
}

/** Encodes n doubles (padded to a pair) of magnitude below limit ≤ 2^63 after scaling. Returns whether all fit. */
export function encode64(out: usize, x: usize, n: u32, scale: f64, limit: f64): bool {
  const s = f64x2.splat(scale);
  const most = f64x2.splat(limit);
  let fit = i64x2.splat(-1);
  const pairs = <usize>n >> 1;
  for (let i: usize = 0; i < pairs; i++, x += 16, out += 16) {
    const scaled = f64x2.mul(v128.load(x), s);
    fit = v128.and(fit, f64x2.lt(f64x2.abs(scaled), most));
    v128.store(out, toWords(f64x2.nearest(scaled)));
  }
  if (n & 1) {
    const scaled = f64x2.mul(v128.load64_splat(x), s);
    fit = v128.and(fit, f64x2.lt(f64x2.abs(scaled), most));
    v128.store(out, toWords(f64x2.nearest(scaled)));
  }
  return i64x2.all_true(fit);
}

/** Like `encode64`, to 128-bit elements: the high word is the sign. */
export function encode128(out: usize, x: usize, n: u32, scale: f64, limit: f64): bool {
  const s = f64x2.splat(scale);
  const most = f64x2.splat(limit);
  let fit = i64x2.splat(-1);
  const pairs = <usize>n >> 1;
  for (let i: usize = 0; i < pairs; i++, x += 16, out += 32) {
    const scaled = f64x2.mul(v128.load(x), s);
    fit = v128.and(fit, f64x2.lt(f64x2.abs(scaled), most));
    const words = toWords(f64x2.nearest(scaled));
    const signs = i64x2.shr_s(words, 63);
    v128.store(out, v128.shuffle<u64>(words, signs, 0, 2));
    v128.store(out, v128.shuffle<u64>(words, signs, 1, 3), 16);
  }
  if (n & 1) {
    const scaled = f64x2.mul(v128.load64_splat(x), s);
    fit = v128.and(fit, f64x2.lt(f64x2.abs(scaled), most));
    const words = toWords(f64x2.nearest(scaled));
    v128.store(out, v128.shuffle<u64>(words, i64x2.shr_s(words, 63), 0, 2));
  }
  return i64x2.all_true(fit);
}

/** Any magnitude, for limits above 2^63: integers from the exponent and the mantissa, mod 2^128. */
export function encodeWide(out: usize, x: usize, n: u32, scale: f64, limit: f64, log2: usize): bool {
  let fit = true;
  for (let i: u32 = 0; i < n; i++, x += 8) {
    const scaled = load<f64>(x) * scale;
    fit = fit && abs(scaled) < limit;
    const word = reinterpret<u64>(nearest(scaled));
    const exponent = <i64>((word >> 52) & 0x7ff) - 1075;
    const mantissa = (word & 0xfffffffffffff) | 0x10000000000000;
    // Compute all three cases and select by masks: right of the point, within the low word, above it.
    const right = <u64>(exponent >> 63);
    const beyond = <u64>((<i64>63 - exponent) >> 63);
    const gone = <u64>((<i64>127 - exponent) >> 63);
    const left = <u64>exponent & 63;
    const shifted = mantissa << left;
    const carried = (mantissa >> 1) >> (63 - left);
    let lo = (right & (mantissa >> <u64>min<i64>(-exponent & <i64>right, 63))) | (~right & ~beyond & shifted);
    let hi = ~right & ~gone & ((beyond & shifted) | (~beyond & carried));
    const sign = <u64>(<i64>word >> 63);
    lo = (lo ^ sign) - sign;
    hi = (hi ^ sign) + (sign & u64(lo == 0));
    store<u64>(out, lo);
    if (log2 == 4) store<u64>(out, hi, 8);
    out += <usize>1 << log2;
  }
  return fit;
}

/** Convert signed words to doubles. Both 32-bit halves are exact, so the sum is rounded only once. */
export function decode64(out: usize, x: usize, n: u32, scale: f64): void {
  const s = f64x2.splat(scale);
  const shift = f64x2.splat(4294967296.0);
  // 2^52 + low half, and 2^52 + 2^31 + high half, as bit patterns.
  const base = i64x2.splat(0x4330000000000000);
  const magic = f64x2.splat(4503599627370496.0);
  const flip = i64x2.splat(0x4330000080000000);
  const magicHigh = f64x2.splat(4503601774854144.0);
  const low = i64x2.splat(0xffffffff);
  for (let i: u32 = 0; i < n; i += 2, x += 16, out += 16) {
    const v = v128.load(x);
    const l = f64x2.sub(v128.or(v128.and(v, low), base), magic);
    const h = f64x2.sub(v128.xor(i64x2.shr_u(v, 32), flip), magicHigh);
    v128.store(out, f64x2.mul(f64x2.add(f64x2.mul(h, shift), l), s));
  }
}

/** Convert signed 128-bit elements: take the magnitude's top 64 bits with a sticky last bit, to round only once. */
export function decode128(out: usize, x: usize, n: u32, scale: f64): void {
  for (let i: u32 = 0; i < n; i++, x += 16, out += 8) {
    let lo = load<u64>(x);
    let hi = load<u64>(x, 8);
    const sign = <u64>(<i64>hi >> 63);
    lo = (lo ^ sign) - sign;
    hi = (hi ^ sign) + (sign & u64(lo == 0));
    // Shift right until the high word is empty. Shift by 64 − s in two steps, because s may be 0.
    const s = 64 - clz(hi);
    const top = select<u64>(lo, (hi << (64 - s)) | (lo >> (s & 63)), s == 0);
    const m = select<u64>(hi, top, s == 64);
    const lost = select<u64>(lo, select<u64>(0, lo << (64 - s), s == 0), s == 64);
    const value = <f64>(m | u64(lost != 0)) * reinterpret<f64>((1023 + s) << 52) * scale;
    store<u64>(out, reinterpret<u64>(value) | (sign & 0x8000000000000000));
  }
}
