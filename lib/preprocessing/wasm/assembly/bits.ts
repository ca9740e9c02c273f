// Matrices of bits: columns, rows, and sums of rows. Bit i of a column is bit i & 7 of its byte i >> 3.


const scratch: usize = memory.data(512, 16);

// @ts-ignore: decorator
@inline
function weave(from: usize, to: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(from + i * 16);
    const b = v128.load(from + i * 16 + 128);
    v128.store(to + i * 32, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(to + i * 32, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
  }
}

/** 16 rows of 16 bytes in `block`, bytes of as many columns, into 128 rows of which each gets two bytes at `to`. */
// @ts-ignore: decorator
@inline
function scatter(block: usize, to: usize): void {
  for (let j: usize = 0; j < 16; j++) {
    const bits = v128.load(block + j * 16);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 7)) as u16, 0);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 6)) as u16, 16);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 5)) as u16, 32);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 4)) as u16, 48);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 3)) as u16, 64);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 2)) as u16, 80);
    store<u16>(to, i8x16.bitmask(i8x16.shl(bits, 1)) as u16, 96);
    store<u16>(to, i8x16.bitmask(bits) as u16, 112);
    to += 128;
  }
}

/** Rows of a column that lie in one line of the cache. */
const LINE: usize = 512;

/**
 * 128 columns of `count` bits, a multiple of 128, `stride` bytes apart, into rows of 16 bytes. The columns lie far apart,
 * so the lines of the next sixteen are touched before these are at work.
 */
export function transpose(columns: usize, stride: usize, rows: usize, count: usize): void {
  const a = scratch;
  const b = scratch + 256;
  let touched = i64x2.splat(0);
  for (let start: usize = 0; start < count; start += LINE) {
    const end = min(start + LINE, count);
    for (let c: usize = 0; c < 128; c += 16) {
      const from = columns + c * stride;
      const next = c < 112 ? from + 16 * stride + (start >> 3) : end < count ? columns + (end >> 3) : from;
      for (let i: usize = 0; i < 16; i++) touched = v128.xor(touched, v128.load(next + i * stride));
      for (let r = start; r < end; r += 128) {
        for (let i: usize = 0; i < 16; i++) v128.store(a + i * 16, v128.load(from + i * stride + (r >> 3)));
        weave(a, b);
        weave(b, a);
        weave(a, b);
        weave(b, a);
        scatter(a, rows + r * 16 + (c >> 3));
      }
    }
  }
  // So that the compiler does not take the touching for idle.
  v128.store(a, touched);
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
