// Comparison of a private word of each party: see preprocessing/semi-honest/carries.ts for the items, and
// protocol/additive/compare-carry.ts for their use.
//
// A word has 16 digits of 4 bits, two to a byte. Of each byte party 1 receives in the transfer for the lower digit, party 0
// in that for the higher. Bytes go to lanes in the order 0, 4, 2, 6, 1, 5, 3, 7: then lanes i and i + w, for w = 4, 2 and 1,
// are the neighbours that a level of the tree joins. Tables of 16 entries are words of 16 bits, a bit for each entry; two of
// them, "less" in the low half and "equal" in the high half, make one of 32 bits.
//
// An item is six words: the choices of 8 digits, 8 + 8 pads, 15 factors a; four words of tables; 15 factors b and c, and 15
// shares of each of a·b and a·c. No branch and no address depends on a secret.

const ITEM: usize = 48;

/** The low words of 32 bits of x ^ y for four blocks. */
// @ts-ignore: decorator
@inline
function low32(x: usize, y: usize): v128 {
  const a = v128.xor(v128.load(x), v128.load(y));
  const b = v128.xor(v128.load(x, 16), v128.load(y, 16));
  const c = v128.xor(v128.load(x, 32), v128.load(y, 32));
  const d = v128.xor(v128.load(x, 48), v128.load(y, 48));
  return i32x4.shuffle(i32x4.shuffle(a, b, 0, 4, 0, 4), i32x4.shuffle(c, d, 0, 4, 0, 4), 0, 1, 4, 5);
}

/** Receiver of a digit's transfer: to ^= keys, 32 bits of p ^ q for each block; `count` is a multiple of 4. */
export function addKeys(p: usize, q: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i += 4) {
    const at = to + (i << 2);
    v128.store(at, v128.xor(v128.load(at), low32(p + (i << 4), q + (i << 4))));
  }
}

/** Sender: to ^= the keys of 1 at the entries in `ones`, those of 0 at the others. */
export function selectKeys(
  p0: usize, p1: usize, q: usize, delta: u32, ones: u32, count: usize, to: usize,
): void {
  const d = i32x4.splat(delta);
  const mask = i32x4.splat(ones);
  for (let i: usize = 0; i < count; i += 4) {
    const at = to + (i << 2);
    const zero = low32(p0 + (i << 4), q + (i << 4));
    const one = v128.xor(low32(p1 + (i << 4), q + (i << 4)), d);
    v128.store(at, v128.xor(v128.load(at), v128.bitselect(one, zero, mask)));
  }
}

/** The two lowest bits, at j and 16 + j. */
// @ts-ignore: decorator
@inline
function spread(x: v128, j: i32): v128 {
  const low = v128.and(x, i32x4.splat(1));
  const high = v128.and(i32x4.shl(x, 15), i32x4.splat(0x10000));
  return i32x4.shl(v128.or(low, high), j);
}

/** Receiver of transfer j for products: shares ^= its message. */
export function receiveFactors(p: usize, q: usize, j: i32, count: usize, shares: usize): void {
  for (let i: usize = 0; i < count; i += 4) {
    const at = shares + (i << 2);
    v128.store(at, v128.xor(v128.load(at), spread(low32(p + (i << 4), q + (i << 4)), j)));
  }
}

/** Sender: its factors are the sum of both messages, its shares ^= the first. */
export function sendFactors(
  p0: usize, p1: usize, q: usize, delta: u32, j: i32, count: usize, factors: usize, shares: usize,
): void {
  const d = i32x4.splat(delta);
  for (let i: usize = 0; i < count; i += 4) {
    const zero = low32(p0 + (i << 4), q + (i << 4));
    const one = v128.xor(low32(p1 + (i << 4), q + (i << 4)), d);
    let at = factors + (i << 2);
    v128.store(at, v128.xor(v128.load(at), spread(v128.xor(zero, one), j)));
    at = shares + (i << 2);
    v128.store(at, v128.xor(v128.load(at), spread(zero, j)));
  }
}

/** Receiver of products of words of bits, 64 transfers each: the words b and c of its messages' lowest and second bits. */
export function receivePairs(p: usize, q: usize, words: usize, b: usize, c: usize): void {
  for (let i: usize = 0; i < words; i++) {
    let low: u64 = 0;
    let high: u64 = 0;
    for (let j: u64 = 0; j < 64; j++) {
      const key = load<u64>(p) ^ load<u64>(q);
      low |= (key & 1) << j;
      high |= ((key >> 1) & 1) << j;
      p += 16;
      q += 16;
    }
    store<u64>(b + (i << 3), low);
    store<u64>(c + (i << 3), high);
  }
}

/** Sender: its factors b and c are the sums of both messages' bits, its shares the first message's. */
export function sendPairs(
  p0: usize, p1: usize, q: usize, delta: u32, words: usize, b: usize, c: usize, ab: usize, ac: usize,
): void {
  for (let i: usize = 0; i < words; i++) {
    let zeroLow: u64 = 0;
    let zeroHigh: u64 = 0;
    let oneLow: u64 = 0;
    let oneHigh: u64 = 0;
    for (let j: u64 = 0; j < 64; j++) {
      const row = load<u64>(q);
      const zero = load<u64>(p0) ^ row;
      const one = load<u64>(p1) ^ row ^ <u64>delta;
      zeroLow |= (zero & 1) << j;
      zeroHigh |= ((zero >> 1) & 1) << j;
      oneLow |= (one & 1) << j;
      oneHigh |= ((one >> 1) & 1) << j;
      p0 += 16;
      p1 += 16;
      q += 16;
    }
    const at = i << 3;
    store<u64>(b + at, zeroLow ^ oneLow);
    store<u64>(c + at, zeroHigh ^ oneHigh);
    store<u64>(ab + at, zeroLow);
    store<u64>(ac + at, zeroHigh);
  }
}

/** to ^= (a AND b) ^ x, word by word. */
export function addAnds(a: usize, b: usize, x: usize, count: usize, to: usize): void {
  for (let at: usize = 0; at < count * 8; at += 8) {
    store<u64>(to + at, load<u64>(to + at) ^ (load<u64>(a + at) & load<u64>(b + at)) ^ load<u64>(x + at));
  }
}

/**
 * Items from their parts: `rows` of 16 bytes, whose first 47 bits are this party's choices; 8 received and 8 sent words of 32
 * bits, each `stride` bytes after the last; factors b and c, and shares.
 */
export function packCarries(
  rows: usize, received: usize, sent: usize, stride: usize, factors: usize, shares: usize, count: usize, to: usize,
): void {
  for (let i: usize = 0; i < count; i++) {
    const row = load<u64>(rows + (i << 4));
    const at = i << 2;
    const a = (row >> 32) & 0x7fff;
    let pads: u64 = 0;
    for (let l: usize = 0; l < 8; l++) {
      const key = <u64>load<u32>(received + at + l * stride);
      const choice = (row >> (l << 2)) & 15;
      pads |= (((key >> choice) & 1) << l) | (((key >> (choice + 16)) & 1) << (l + 8));
      store<u32>(to + 8 + (l << 2), load<u32>(sent + at + l * stride));
    }
    store<u64>(to, (row & 0xffffffff) | (pads << 32) | (a << 48));
    const both = <u64>load<u32>(factors + at);
    const share = <u64>load<u32>(shares + at) ^ ((a | (a << 16)) & both);
    store<u64>(to, both | (share << 32), 40);
    to += ITEM;
  }
}

/** The word of which the digits are compared: low 63 bits of x and of ~x, or x and −x; bytes in the order of lanes. */
// @ts-ignore: decorator
@inline
function operand(x: u64, zero: u32, first: u32): u64 {
  const word = zero ? (first ? x : 0 - x) : (first ? x : ~x) & 0x7fffffffffffffff;
  const t = (word ^ (word >> 24)) & 0xff00ff00;
  return word ^ t ^ (t << 24);
}

/** The lower or the higher digit of each byte, in 8 bytes. */
// @ts-ignore: decorator
@inline
function half(word: u64, high: u32): u64 {
  return (word >> (high ? 4 : 0)) & 0x0f0f0f0f0f0f0f0f;
}

/** Eight digits in 32 bits, from 8 bytes, and back. */
// @ts-ignore: decorator
@inline
function narrow(x: u64): u32 {
  x = (x | (x >> 4)) & 0x00ff00ff00ff00ff;
  x = (x | (x >> 8)) & 0x0000ffff0000ffff;
  return <u32>(x | (x >> 16));
}
// @ts-ignore: decorator
@inline
function widen(x: u32): u64 {
  let y = <u64>x;
  y = (y | (y << 16)) & 0x0000ffff0000ffff;
  y = (y | (y << 8)) & 0x00ff00ff00ff00ff;
  return (y | (y << 4)) & 0x0f0f0f0f0f0f0f0f;
}

/** As the receiver of 8 digits: by how much they differ from the choices, a u32 for each item. */
export function carryChoices(x: usize, items: usize, count: usize, zero: u32, first: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const word = operand(load<u64>(x + (i << 3)), zero, first);
    store<u32>(to + (i << 2), narrow(half(word, first)) ^ load<u32>(items));
    items += ITEM;
  }
}

/** A bit at the place of each digit, in lanes of 16 bits. Reading a register at a secret place takes no memory access. */
// @ts-ignore: decorator
@inline
function oneHot(digits: v128): v128 {
  const places = v128.or(digits, i16x8.shl(digits, 8));
  const low = i8x16.swizzle(i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0), places);
  const high = i8x16.swizzle(i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128), places);
  return v128.bitselect(low, high, i16x8.splat(0xff));
}

// @ts-ignore: decorator
@inline
function lanes(digits: u64): v128 {
  return i16x8.extend_low_i8x16_u(i64x2.splat(digits));
}

/** Exchange bits that are `distance` apart, where bit `j` of the lane's difference is set. */
// @ts-ignore: decorator
@inline
function exchange(x: v128, difference: v128, j: i32, mask: i16): v128 {
  const chosen = i16x8.shr_s(i16x8.shl(difference, 15 - j), 15);
  const distance = 1 << j;
  const t = v128.and(v128.and(v128.xor(i16x8.shr_u(x, distance), x), i16x8.splat(mask)), chosen);
  return v128.xor(x, v128.xor(t, i16x8.shl(t, distance)));
}

/** All ones in the lanes whose bit is set. */
// @ts-ignore: decorator
@inline
function spreadBits8(bits: u32): v128 {
  const each = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  return i16x8.eq(v128.and(i16x8.splat(<i16>bits), each), each);
}

/**
 * As the sender of 8 digits: tables of 8 words of 32 bits for each item.
 *
 * @param differences - from the receiver
 * @param own - this party's random shares: a u16 for each item, "less" of 8 digits in the low byte, "equal" in the high one
 */
export function carryTables(
  x: usize, items: usize, differences: usize, own: usize, count: usize, zero: u32, first: u32, to: usize,
): void {
  // The table holds v < u: it has the lesser digits at party 0, which has u, and the greater ones at party 1.
  const flip = i16x8.splat(first ? 0 : -1);
  const one = i16x8.splat(1);
  for (let i: usize = 0; i < count; i++) {
    const word = operand(load<u64>(x + (i << 3)), zero, first);
    const digits = lanes(half(word, 1 - first));
    const difference = lanes(widen(load<u32>(differences + (i << 2))));
    const hot = oneHot(digits);
    const lesser = i16x8.sub(hot, one);
    let less = v128.bitselect(v128.not(v128.or(lesser, hot)), lesser, flip);
    less = exchange(less, difference, 0, 0x5555);
    less = exchange(less, difference, 1, 0x3333);
    less = exchange(less, difference, 2, 0x0f0f);
    less = exchange(less, difference, 3, 0x00ff);
    const shares = <u32>load<u16>(own + (i << 1));
    less = v128.xor(less, spreadBits8(shares & 255));
    const equal = v128.xor(oneHot(v128.xor(digits, difference)), spreadBits8(shares >> 8));
    v128.store(to, v128.xor(v128.load(items, 8), i16x8.shuffle(less, equal, 0, 8, 1, 9, 2, 10, 3, 11)));
    v128.store(to, v128.xor(v128.load(items, 24), i16x8.shuffle(less, equal, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
    items += ITEM;
    to += 32;
  }
}

/** As the receiver: shares of all digits, "less" in the low half and "equal" in the high half of a u32. */
export function carryLeaves(
  items: usize, tables: usize, own: usize, count: usize, first: u32, state: usize,
): void {
  const none = i64x2.splat(0);
  for (let i: usize = 0; i < count; i++) {
    const head = load<u64>(items);
    const hot = oneHot(lanes(widen(<u32>head)));
    const a = v128.load(tables);
    const b = v128.load(tables, 16);
    const less = v128.and(i16x8.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14), hot);
    const equal = v128.and(i16x8.shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15), hot);
    const pads = <u32>(head >> 32);
    const mine = (i16x8.bitmask(i16x8.ne(less, none)) | (i16x8.bitmask(i16x8.ne(equal, none)) << 8)) ^ (pads & 0xffff);
    const sent = <u32>load<u16>(own + (i << 1));
    // Party 0 receives the higher digits, which go into the upper halves.
    const low = first ? sent : mine;
    const high = first ? mine : sent;
    store<u32>(state + (i << 2), (low & 255) | ((high & 255) << 8) | ((low >> 8) << 16) | ((high >> 8) << 24));
    items += ITEM;
    tables += 32;
  }
}

/** Where the products of a level begin, by its width. */
// @ts-ignore: decorator
@inline
function offset(width: u32): u32 {
  return 16 - 2 * width;
}

/**
 * Masked bits of a level that joins `width` pairs: "equal" of the higher halves, "less" and "equal" of the lower ones; `size`
 * bytes for each item.
 */
export function carryOpen(
  items: usize, state: usize, count: usize, width: u32, size: usize, opened: usize,
): void {
  const mask: u32 = (1 << width) - 1;
  const from = offset(width);
  for (let i: usize = 0; i < count; i++) {
    const bits = load<u32>(state + (i << 2));
    const a = (bits >> (16 + width)) ^ (<u32>load<u16>(items, 6) >> from);
    const b = bits ^ (<u32>load<u16>(items, 40) >> from);
    const c = (bits >> 16) ^ (<u32>load<u16>(items, 42) >> from);
    let word = (a & mask) | ((b & mask) << width) | ((c & mask) << (2 * width));
    for (let k: usize = 0; k < size; k++) {
      store<u8>(opened + k, word);
      word >>= 8;
    }
    opened += size;
    items += ITEM;
  }
}

/** The joined pairs: shares of "less" and of "equal", in the same form as before, half as many. */
export function carryJoin(
  items: usize, mine: usize, theirs: usize, state: usize, count: usize, width: u32, size: usize, first: u32,
): void {
  const mask: u32 = (1 << width) - 1;
  const from = offset(width);
  const all: u32 = first ? mask : 0;
  for (let i: usize = 0; i < count; i++) {
    const bits = load<u32>(state + (i << 2));
    let word: u32 = 0;
    for (let k: usize = 0; k < size; k++) {
      word |= <u32>(load<u8>(mine + k) ^ load<u8>(theirs + k)) << <u32>(k << 3);
    }
    const a = word & mask;
    const b = (word >> width) & mask;
    const c = (word >> (2 * width)) & mask;
    const alpha = <u32>load<u16>(items, 6) >> from;
    const beta = <u32>load<u16>(items, 40) >> from;
    const gamma = <u32>load<u16>(items, 42) >> from;
    const ab = <u32>load<u16>(items, 44) >> from;
    const ac = <u32>load<u16>(items, 46) >> from;
    const less = (bits >> width) ^ (a & b & all) ^ (a & beta) ^ (b & alpha) ^ ab;
    const equal = (a & c & all) ^ (a & gamma) ^ (c & alpha) ^ ac;
    store<u32>(state + (i << 2), (less & mask) | ((equal & mask) << 16));
    mine += size;
    theirs += size;
    items += ITEM;
  }
}

/** The results, masked by a bit in each word of `masks`, eight to a byte. */
export function carryResults(
  x: usize, state: usize, masks: usize, count: usize, zero: u32, opened: usize,
): void {
  memory.fill(opened, 0, (count + 7) >> 3);
  for (let i: usize = 0; i < count; i++) {
    const bits = <u64>load<u32>(state + (i << 2));
    const bit = zero ? bits >> 16 : bits ^ (load<u64>(x + (i << 3)) >> 63);
    const byte = opened + (i >> 3);
    store<u8>(byte, load<u8>(byte) | <u8>(((bit ^ load<u64>(masks + (i << 3))) & 1) << (i & 7)));
  }
}
