// Matrices of bits: columns, rows, and sums of rows. Bit i of a column is bit i & 7 of its byte i >> 3.

/** Where bits are transposed: 128 rows, and half of the way of 16 of them. */
const blocks: usize = memory.data(2304, 16);

/** Rows of a column that lie in one line of the cache. */
const LINE: usize = 512;

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Two of the four perfect shuffles that transpose 16×16 bytes; their results are `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function weaveTwice(from: usize, to: usize, stride: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 64);
    const c = v128.load(from + i, 128);
    const d = v128.load(from + i, 192);
    const p = low(a, c);
    const q = high(a, c);
    const r = low(b, d);
    const s = high(b, d);
    v128.store(to, low(p, r));
    v128.store(to + stride, high(p, r));
    v128.store(to + 2 * stride, low(q, s));
    v128.store(to + 3 * stride, high(q, s));
    to += 4 * stride;
  }
}

// @ts-ignore: decorator
@inline
function differing(a: v128, b: v128, shift: i32, mask: u64): v128 {
  return v128.and(v128.xor(i64x2.shr_u(a, shift), b), i64x2.splat(mask));
}

/**
 * 128 columns of `rows` bits, `stride` bytes apart, into `rows` rows of 16 bytes; `rows` is a multiple of 128.
 *
 * First 8×8 bits, of which a vector of 16 bytes in each of 8 columns has 16, in three steps of swapping; then 16×16
 * bytes. Columns lie far apart, so lines of the cache are touched some time before they are at work.
 */
export function transpose(columns: usize, stride: usize, rows: usize, count: usize): void {
  const half = blocks + 2048;
  let touched = i64x2.splat(0);
  for (let r: usize = 0; r < count; r += 128) {
    let from = columns + (r >> 3);
    if (r + LINE < count) {
      // A quarter of the next lines; by the end of this one all of them.
      const within = r & (LINE - 1);
      const ahead = from + ((LINE - within) >> 3);
      for (let c = within >> 2; c < (within >> 2) + 32; c++) touched = v128.xor(touched, v128.load(ahead + c * stride));
    }
    for (let to = blocks; to < blocks + 256; to += 16) {
      let a = v128.load(from);
      let b = v128.load(from + stride);
      let c = v128.load(from + 2 * stride);
      let d = v128.load(from + 3 * stride);
      let e = v128.load(from + 4 * stride);
      let f = v128.load(from + 5 * stride);
      let g = v128.load(from + 6 * stride);
      let h = v128.load(from + 7 * stride);
      from += 8 * stride;
      let t = differing(a, e, 4, 0x0f0f0f0f0f0f0f0f);
      e = v128.xor(e, t);
      a = v128.xor(a, i64x2.shl(t, 4));
      t = differing(b, f, 4, 0x0f0f0f0f0f0f0f0f);
      f = v128.xor(f, t);
      b = v128.xor(b, i64x2.shl(t, 4));
      t = differing(c, g, 4, 0x0f0f0f0f0f0f0f0f);
      g = v128.xor(g, t);
      c = v128.xor(c, i64x2.shl(t, 4));
      t = differing(d, h, 4, 0x0f0f0f0f0f0f0f0f);
      h = v128.xor(h, t);
      d = v128.xor(d, i64x2.shl(t, 4));
      t = differing(a, c, 2, 0x3333333333333333);
      c = v128.xor(c, t);
      a = v128.xor(a, i64x2.shl(t, 2));
      t = differing(b, d, 2, 0x3333333333333333);
      d = v128.xor(d, t);
      b = v128.xor(b, i64x2.shl(t, 2));
      t = differing(e, g, 2, 0x3333333333333333);
      g = v128.xor(g, t);
      e = v128.xor(e, i64x2.shl(t, 2));
      t = differing(f, h, 2, 0x3333333333333333);
      h = v128.xor(h, t);
      f = v128.xor(f, i64x2.shl(t, 2));
      t = differing(a, b, 1, 0x5555555555555555);
      v128.store(to, v128.xor(a, i64x2.shl(t, 1)));
      v128.store(to, v128.xor(b, t), 256);
      t = differing(c, d, 1, 0x5555555555555555);
      v128.store(to, v128.xor(c, i64x2.shl(t, 1)), 512);
      v128.store(to, v128.xor(d, t), 768);
      t = differing(e, f, 1, 0x5555555555555555);
      v128.store(to, v128.xor(e, i64x2.shl(t, 1)), 1024);
      v128.store(to, v128.xor(f, t), 1280);
      t = differing(g, h, 1, 0x5555555555555555);
      v128.store(to, v128.xor(g, i64x2.shl(t, 1)), 1536);
      v128.store(to, v128.xor(h, t), 1792);
    }
    for (let j: usize = 0; j < 8; j++) {
      weaveTwice(blocks + 256 * j, half, 16);
      weaveTwice(half, rows + (r + j) * 16, 128);
    }
  }
  // Use the result, so that the compiler does not remove the touching.
  v128.store(blocks, touched);
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
