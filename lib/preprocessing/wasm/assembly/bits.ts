// Matrices of bits: columns, rows, and sums of rows. Bit i of a column is bit i & 7 of its byte i >> 3.


const scratch: usize = memory.data(2048, 16);
const woven: usize = memory.data(256, 16);
const rewoven: usize = memory.data(256, 16);

/** Rows of a column that lie in one line of the cache. */
const LINE: usize = 512;

/**
 * One step of four that transpose 16×16 bytes: vectors i and i + 8, `apart` bytes apart, byte by byte into vectors 2·i
 * and 2·i + 1.
 */
// @ts-ignore: decorator
@inline
function weave(from: usize, apart: usize, to: usize, toApart: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(from + i * apart);
    const b = v128.load(from + (i + 8) * apart);
    const at = to + 2 * i * toApart;
    v128.store(at, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(at + toApart, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
  }
}

/** Eight columns of 128 bits: within each byte of all, bit i of column j and bit j of column i change places. */
// @ts-ignore: decorator
@inline
function transposeBytes(from: usize, stride: usize, to: usize): void {
  const m4 = i8x16.splat(0x0f);
  const m2 = i8x16.splat(0x33);
  const m1 = i8x16.splat(0x55);
  let x0 = v128.load(from);
  let x1 = v128.load(from + stride);
  let x2 = v128.load(from + 2 * stride);
  let x3 = v128.load(from + 3 * stride);
  let x4 = v128.load(from + 4 * stride);
  let x5 = v128.load(from + 5 * stride);
  let x6 = v128.load(from + 6 * stride);
  let x7 = v128.load(from + 7 * stride);
  let t: v128;
  t = v128.and(v128.xor(i64x2.shr_u(x0, 4), x4), m4);
  x4 = v128.xor(x4, t);
  x0 = v128.xor(x0, i64x2.shl(t, 4));
  t = v128.and(v128.xor(i64x2.shr_u(x1, 4), x5), m4);
  x5 = v128.xor(x5, t);
  x1 = v128.xor(x1, i64x2.shl(t, 4));
  t = v128.and(v128.xor(i64x2.shr_u(x2, 4), x6), m4);
  x6 = v128.xor(x6, t);
  x2 = v128.xor(x2, i64x2.shl(t, 4));
  t = v128.and(v128.xor(i64x2.shr_u(x3, 4), x7), m4);
  x7 = v128.xor(x7, t);
  x3 = v128.xor(x3, i64x2.shl(t, 4));
  t = v128.and(v128.xor(i64x2.shr_u(x0, 2), x2), m2);
  x2 = v128.xor(x2, t);
  x0 = v128.xor(x0, i64x2.shl(t, 2));
  t = v128.and(v128.xor(i64x2.shr_u(x1, 2), x3), m2);
  x3 = v128.xor(x3, t);
  x1 = v128.xor(x1, i64x2.shl(t, 2));
  t = v128.and(v128.xor(i64x2.shr_u(x4, 2), x6), m2);
  x6 = v128.xor(x6, t);
  x4 = v128.xor(x4, i64x2.shl(t, 2));
  t = v128.and(v128.xor(i64x2.shr_u(x5, 2), x7), m2);
  x7 = v128.xor(x7, t);
  x5 = v128.xor(x5, i64x2.shl(t, 2));
  t = v128.and(v128.xor(i64x2.shr_u(x0, 1), x1), m1);
  x1 = v128.xor(x1, t);
  x0 = v128.xor(x0, i64x2.shl(t, 1));
  t = v128.and(v128.xor(i64x2.shr_u(x2, 1), x3), m1);
  x3 = v128.xor(x3, t);
  x2 = v128.xor(x2, i64x2.shl(t, 1));
  t = v128.and(v128.xor(i64x2.shr_u(x4, 1), x5), m1);
  x5 = v128.xor(x5, t);
  x4 = v128.xor(x4, i64x2.shl(t, 1));
  t = v128.and(v128.xor(i64x2.shr_u(x6, 1), x7), m1);
  x7 = v128.xor(x7, t);
  x6 = v128.xor(x6, i64x2.shl(t, 1));
  v128.store(to, x0, 0);
  v128.store(to, x1, 16);
  v128.store(to, x2, 32);
  v128.store(to, x3, 48);
  v128.store(to, x4, 64);
  v128.store(to, x5, 80);
  v128.store(to, x6, 96);
  v128.store(to, x7, 112);
}

/**
 * 128 columns of `count` bits, a multiple of 128, `stride` bytes apart, into rows of 16 bytes. The columns lie far
 * apart, so lines of the cache are touched some time before they are at work.
 */
export function transpose(columns: usize, stride: usize, rows: usize, count: usize): void {
  let touched = i64x2.splat(0);
  for (let r: usize = 0; r < count; r += 128) {
    const from = columns + (r >> 3);
    if (r + LINE < count) {
      // A quarter of the next lines; by the end of this one all of them.
      const first = ((r & (LINE - 1)) >> 7) * 32;
      const ahead = from + (LINE >> 3) - ((r & (LINE - 1)) >> 3);
      for (let c = first; c < first + 32; c++) touched = v128.xor(touched, v128.load(ahead + c * stride));
    }
    for (let c: usize = 0; c < 128; c += 8) transposeBytes(from + c * stride, stride, scratch + c * 16);
    for (let i: usize = 0; i < 8; i++) {
      weave(scratch + i * 16, 128, woven, 16);
      weave(woven, 16, rewoven, 16);
      weave(rewoven, 16, woven, 16);
      weave(woven, 16, rows + (r + i) * 16, 128);
    }
  }
  // So that the compiler does not take the touching for idle.
  v128.store(woven, touched);
}

/**
 * Sixteen leaves of `length` bytes, one after another, into the sum of all and the four sums over the leaves whose
 * index has bit j set; `length` is a multiple of 16, the columns lie `stride` bytes apart.
 */
export function foldLeaves(leaves: usize, length: usize, sum: usize, columns: usize, stride: usize): void {
  for (let at: usize = 0; at < length; at += 16) {
    let all = i64x2.splat(0);
    let c0 = i64x2.splat(0);
    let c1 = i64x2.splat(0);
    let c2 = i64x2.splat(0);
    let c3 = i64x2.splat(0);
    let from = leaves + at;
    for (let half: u32 = 0; half < 2; half++) {
      const l0 = v128.load(from);
      const l1 = v128.load(from + length);
      const l2 = v128.load(from + 2 * length);
      const l3 = v128.load(from + 3 * length);
      const l4 = v128.load(from + 4 * length);
      const l5 = v128.load(from + 5 * length);
      const l6 = v128.load(from + 6 * length);
      const l7 = v128.load(from + 7 * length);
      const p1 = v128.xor(l2, l3);
      const p3 = v128.xor(l6, l7);
      const q1 = v128.xor(v128.xor(l4, l5), p3);
      const r = v128.xor(v128.xor(v128.xor(l0, l1), p1), q1);
      c0 = v128.xor(c0, v128.xor(v128.xor(l1, l3), v128.xor(l5, l7)));
      c1 = v128.xor(c1, v128.xor(p1, p3));
      c2 = v128.xor(c2, q1);
      if (half == 1) c3 = r;
      all = v128.xor(all, r);
      from += 8 * length;
    }
    v128.store(sum + at, all);
    v128.store(columns + at, c0);
    v128.store(columns + stride + at, c1);
    v128.store(columns + 2 * stride + at, c2);
    v128.store(columns + 3 * stride + at, c3);
  }
}

/** to ^= from; `length` is a multiple of 16. */
export function xorInto(to: usize, from: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.xor(v128.load(to + at), v128.load(from + at)));
}

/** to ^= from where mask is all ones, to ^= 0 where it is zero; `length` is a multiple of 16. */
export function xorMasked(to: usize, from: usize, length: usize, mask: u64): void {
  const m = i64x2.splat(mask);
  for (let at: usize = 0; at < length; at += 16) {
    v128.store(to + at, v128.xor(v128.load(to + at), v128.and(v128.load(from + at), m)));
  }
}

/** to = from ^ block, for every 16 bytes. */
export function xorBlock(to: usize, from: usize, length: usize, block: usize): void {
  const b = v128.load(block);
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.xor(v128.load(from + at), b));
}

/** Block i of `to` ^= 2^i · tweak in GF(2^128), and tweak = 2^n · tweak for n blocks: the tweak is public. */
export function xorDoubled(to: usize, length: usize, tweak: usize): void {
  let low = load<u64>(tweak);
  let high = load<u64>(tweak, 8);
  for (let at: usize = 0; at < length; at += 16) {
    store<u64>(to + at, load<u64>(to + at) ^ low);
    store<u64>(to + at, load<u64>(to + at, 8) ^ high, 8);
    const carry = high >> 63;
    high = (high << 1) | (low >> 63);
    low = (low << 1) ^ (carry * 0x87);
  }
  store<u64>(tweak, low);
  store<u64>(tweak, high, 8);
}
