// Comparison of masked words, c = x + r, from a dealer's items: see protocol/additive/compare-masked.ts.
//
// A word has 16 digits of 4 bits. Digit t of block k, t and k from 0 to 3, is digit 4k + t. A vector of 16 bits has that
// digit's bit at 4t + k, so four digits of one t, one from each block, are one nibble: the nodes of the first level work on
// nibbles, one bit for each block. A node has the digits 3 to 0, the highest first; e is "equal", l is "less".
//
// Masks: bits 0 to 27 are those of the first level (e0 to e3, l0 to l2, a nibble each), bits 28 to 34 those of the root in
// the same order, bit 35 that of the result. Products of masks: see `products`. No branch and no address depends on a secret.

/** Places of the products of a node's masks: their order in `products`. */
const E3E2: u64 = 0, E3L2: u64 = 1;
const E1: u64 = 2, L1: u64 = 5, L0: u64 = 8, E0: u64 = 11;
const E1L0: u64 = 14, E1E0: u64 = 18;
const PRODUCTS: u64 = 22;
/** How many products of the first level fit the first word. */
const FIRST: u64 = 16;

/** The product at a place, in the lowest bits; above them are others. */
// @ts-ignore: decorator
@inline
function at(low: u64, high: u64, width: u64, place: u64): u64 {
  if (width == 1) return low >> place;
  return place < FIRST ? low >> (4 * place) : high >> (4 * (place - FIRST));
}

/** A nibble, or for the root a bit, at its place in the result. */
// @ts-ignore: decorator
@inline
function put(value: u64, mask: u64, width: u64, place: u64, high: bool): u64 {
  if (width == 1) return (value & mask) << place;
  if ((place >= FIRST) != high) return 0;
  return (value & mask) << (4 * (place >= FIRST ? place - FIRST : place));
}

/** A factor T, or two of them, with e3, with e2, with both; and alone where it is a product itself. */
// @ts-ignore: decorator
@inline
function tail(t: u64, e3: u64, e2: u64, mask: u64, width: u64, place: u64, high: bool, alone: bool): u64 {
  let word = put(e2 & t, mask, width, place, high) ^ put(e3 & t, mask, width, place + 1, high)
    ^ put(e3 & e2 & t, mask, width, place + 2, high);
  if (alone) word ^= put(t, mask, width, place + 3, high);
  return word;
}

/** All products of a node's masks that lie in the lower or in the higher word. */
// @ts-ignore: decorator
@inline
function products(m: u64, width: u64, high: bool): u64 {
  const mask: u64 = (1 << width) - 1;
  const e0 = m;
  const e1 = m >> width;
  const e2 = m >> (2 * width);
  const e3 = m >> (3 * width);
  const l0 = m >> (4 * width);
  const l1 = m >> (5 * width);
  const l2 = m >> (6 * width);
  return put(e3 & e2, mask, width, E3E2, high) ^ put(e3 & l2, mask, width, E3L2, high)
    ^ tail(e1, e3, e2, mask, width, E1, high, false) ^ tail(l1, e3, e2, mask, width, L1, high, false)
    ^ tail(l0, e3, e2, mask, width, L0, high, false) ^ tail(e0, e3, e2, mask, width, E0, high, false)
    ^ tail(e1 & l0, e3, e2, mask, width, E1L0, high, true) ^ tail(e1 & e0, e3, e2, mask, width, E1E0, high, true);
}

/** The four words of one-hot digits, the two of products and the mask of the result, each `stride` bytes after the last. */
export function dealComparisons(r: usize, m: usize, count: usize, to: usize, stride: usize): void {
  for (let i: usize = 0; i < count * 8; i += 8) {
    const word = load<u64>(r + i);
    const masks = load<u64>(m + i);
    let out = to + i;
    for (let t: u64 = 0; t < 16; t += 4) {
      const digits = word >> t;
      store<u64>(out, ((1 as u64) << (digits & 15)) | ((1 as u64) << (16 + ((digits >> 16) & 15)))
        | ((1 as u64) << (32 + ((digits >> 32) & 15))) | ((1 as u64) << (48 + ((digits >> 48) & 15))));
      out += stride;
    }
    store<u64>(out, products(masks, 4, false));
    store<u64>(out + stride, products(masks, 4, true) | (products((masks >> 28) & 127, 1, false) << 24));
    store<u64>(out + 2 * stride, (masks >> 35) & 1);
  }
}

// The digits of c are public, so tables are read at their places.
// @ts-ignore: decorator
@inline
function equalLow(): v128 { return i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0); }
// @ts-ignore: decorator
@inline
function equalHigh(): v128 { return i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128); }
/** Bits above a digit: the digits that it is less than. */
// @ts-ignore: decorator
@inline
function aboveLow(): v128 { return i8x16(-2, -4, -8, -16, -32, -64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0); }
// @ts-ignore: decorator
@inline
function aboveHigh(): v128 { return i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -2, -4, -8, -16, -32, -64, -128, 0); }

/** Bytes of 0xff at the low byte of each lane of 16 bits. */
// @ts-ignore: decorator
@inline
function lowBytes(): v128 { return i16x8.splat(0xff); }

// @ts-ignore: decorator
@inline
function lookUp(low: v128, high: v128, digits: v128): v128 {
  return v128.bitselect(i8x16.swizzle(low, digits), i8x16.swizzle(high, digits), lowBytes());
}

/** The parity of each lane of 16 bits, as one bit a lane. */
// @ts-ignore: decorator
@inline
function parities(x: v128): u32 {
  return i16x8.bitmask(i16x8.shl(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(x)), 15));
}

/** Four digits with one t, one of each block, in the four lanes of a word. */
// @ts-ignore: decorator
@inline
function digits(c: u64, t: i32): u64 {
  const each = (c >> t) & 0x000f000f000f000f;
  return each | (each << 8);
}

/**
 * Shares of "equal" and "less" of every digit of c and r, from shares of r's digits, four words `stride` bytes apart.
 *
 * @param zero - 1 to compare 64 bits for equality; 0 to compare the low 63 bits for "less"
 * @param first - 1 at the party that adds public terms
 * @param opened - a u32 for each item: masked bits for the first level
 * @param state - a byte for each item: "less" of the highest digits, and the share of the top bits of c and r
 */
export function compareDigits(
  c: usize, h: usize, stride: usize, m: usize, count: usize, zero: u32, first: u32, opened: usize, state: usize,
): void {
  const signed: u64 = zero ? 0 : 1;
  for (let i: usize = 0; i < count; i++) {
    const at = i << 3;
    const word = load<u64>(c + at);
    const h3 = load<u64>(h + at + 3 * stride);
    // The highest digit has the sign: without it, both of its halves count alike.
    const top = ((word >> 63) & <u64>first) ^ (popcnt(h3 >> 56) & 1);
    const folded = ((h3 >> 8) & 0x00ff000000000000) * signed;
    const last = (h3 & ~(signed * 0xff00000000000000)) ^ folded;
    const low = word & ~(signed << 63);
    const d = i64x2.replace_lane(i64x2.splat(digits(low, 0)), 1, digits(low, 4));
    const e = i64x2.replace_lane(i64x2.splat(digits(low, 8)), 1, digits(low, 12));
    const x = i64x2.replace_lane(v128.load64_zero(h + at), 1, load<u64>(h + at + stride));
    const y = i64x2.replace_lane(v128.load64_zero(h + at + 2 * stride), 1, last);
    const equal = parities(v128.and(x, lookUp(equalLow(), equalHigh(), d)))
      | (parities(v128.and(y, lookUp(equalLow(), equalHigh(), e))) << 8);
    const less = parities(v128.and(x, lookUp(aboveLow(), aboveHigh(), d)))
      | (parities(v128.and(y, lookUp(aboveLow(), aboveHigh(), e))) << 8);
    const masks = load<u32>(m + at) & 0xfffffff;
    store<u32>(opened + (i << 2), (equal | ((less & 0xfff) << 16)) ^ masks);
    store<u8>(state + i, (less >> 12) | (<u32>top << 4));
  }
}

/**
 * One level: shares of "less" in the lowest and of "equal" in the next `width` bits, from opened masked bits, shares of the
 * masks and of their products, and the share of "less" of the highest digit.
 */
// @ts-ignore: decorator
@inline
function node(opened: u64, m: u64, low: u64, high: u64, less: u64, width: u64, first: u64): u64 {
  const mask: u64 = (1 << width) - 1;
  const a0 = opened;
  const a1 = opened >> width;
  const a2 = opened >> (2 * width);
  const a3 = opened >> (3 * width);
  const b0 = opened >> (4 * width);
  const b1 = opened >> (5 * width);
  const b2 = opened >> (6 * width);
  const e0 = m;
  const e1 = m >> width;
  const e2 = m >> (2 * width);
  const e3 = m >> (3 * width);
  const l0 = m >> (4 * width);
  const l1 = m >> (5 * width);
  const l2 = m >> (6 * width);
  const both = a3 & a2;
  // Shares of e3·e2, and of e3·e2 times each mask, or product of masks, that it meets.
  const one = (both & first) ^ (a3 & e2) ^ (a2 & e3) ^ at(low, high, width, E3E2);
  const withE1 = (both & e1) ^ (a3 & at(low, high, width, E1)) ^ (a2 & at(low, high, width, E1 + 1)) ^ at(low, high, width, E1 + 2);
  const withL1 = (both & l1) ^ (a3 & at(low, high, width, L1)) ^ (a2 & at(low, high, width, L1 + 1)) ^ at(low, high, width, L1 + 2);
  const withL0 = (both & l0) ^ (a3 & at(low, high, width, L0)) ^ (a2 & at(low, high, width, L0 + 1)) ^ at(low, high, width, L0 + 2);
  const withE0 = (both & e0) ^ (a3 & at(low, high, width, E0)) ^ (a2 & at(low, high, width, E0 + 1)) ^ at(low, high, width, E0 + 2);
  const withE1L0 = (both & at(low, high, width, E1L0 + 3)) ^ (a3 & at(low, high, width, E1L0))
    ^ (a2 & at(low, high, width, E1L0 + 1)) ^ at(low, high, width, E1L0 + 2);
  const withE1E0 = (both & at(low, high, width, E1E0 + 3)) ^ (a3 & at(low, high, width, E1E0))
    ^ (a2 & at(low, high, width, E1E0 + 1)) ^ at(low, high, width, E1E0 + 2);
  const three = (a1 & one) ^ withE1;
  const l = less ^ (a3 & b2 & first) ^ (a3 & l2) ^ (b2 & e3) ^ at(low, high, width, E3L2)
    ^ (b1 & one) ^ withL1
    ^ (b0 & three) ^ (a1 & withL0) ^ withE1L0;
  const e = (a0 & three) ^ (a1 & withE0) ^ withE1E0;
  return (l & mask) | ((e & mask) << width);
}

/**
 * The first level, a node for each block: `mine` and `theirs` are both parties' masked bits.
 *
 * @param p - the first word of products; the second is `stride` bytes after it
 * @param opened - a byte for each item: masked bits for the root
 */
export function compareBlocks(
  mine: usize, theirs: usize, m: usize, p: usize, stride: usize, count: usize, first: u32, state: usize, opened: usize,
): void {
  const all: u64 = first ? 15 : 0;
  for (let i: usize = 0; i < count; i++) {
    const at = i << 3;
    const bits = <u64>(load<u32>(mine + (i << 2)) ^ load<u32>(theirs + (i << 2)));
    const masks = load<u64>(m + at);
    const before = load<u8>(state + i);
    const result = node(bits, masks, load<u64>(p + at), load<u64>(p + at + stride), <u64>before, 4, all);
    const less = result & 15;
    store<u8>(opened + i, <u8>((result >> 4) | ((less & 7) << 4)) ^ <u8>((masks >> 28) & 127));
    store<u8>(state + i, <u8>(less >> 3) | (before & 16));
  }
}

/** The root: one bit for each item, masked by bit `place` of a word of `results`, eight to a byte. */
export function compareRoot(
  mine: usize, theirs: usize, m: usize, p: usize, results: usize, place: u64, count: usize, zero: u32, first: u32,
  state: usize, opened: usize,
): void {
  memory.fill(opened, 0, (count + 7) >> 3);
  for (let i: usize = 0; i < count; i++) {
    const at = i << 3;
    const bits = <u64>(load<u8>(mine + i) ^ load<u8>(theirs + i));
    const masks = load<u64>(m + at);
    const before = <u64>load<u8>(state + i);
    const low = load<u64>(p + at) >> 24;
    const result = node(bits, masks >> 28, low, 0, before, 1, <u64>first);
    const bit = zero ? result >> 1 : result ^ (before >> 4);
    const masked = (bit ^ (load<u64>(results + at) >> place)) & 1;
    const byte = opened + (i >> 3);
    store<u8>(byte, load<u8>(byte) | <u8>(masked << (i & 7)));
  }
}

/** Shares of opened bits without their masks: d, or 1 − d where the opened bit is 1. */
export function unmaskBits(mine: usize, theirs: usize, d: usize, count: usize, first: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const bit = <u64>(((load<u8>(mine + (i >> 3)) ^ load<u8>(theirs + (i >> 3))) >> <u8>(i & 7)) & 1);
    const share = load<u64>(d + (i << 3));
    store<u64>(to + (i << 3), (bit & <u64>first) + share - ((share << 1) & (0 - bit)));
  }
}

/**
 * Shares of opened bits times y, from y − r opened as well: for b = e ⊕ d, d·y = (y − r)·d + r·d, and b·y is that, or y less
 * it where e is 1.
 */
export function unmaskProducts(
  mine: usize, theirs: usize, d: usize, difference: usize, product: usize, y: usize, count: usize, to: usize,
): void {
  for (let i: usize = 0; i < count; i++) {
    const bit = <u64>(((load<u8>(mine + (i >> 3)) ^ load<u8>(theirs + (i >> 3))) >> <u8>(i & 7)) & 1);
    const at = i << 3;
    const masked = load<u64>(difference + at) * load<u64>(d + at) + load<u64>(product + at);
    // y − masked where the bit is 1.
    store<u64>(to + at, (load<u64>(y + at) & (0 - bit)) + ((masked ^ (0 - bit)) + bit));
  }
}
