// Authenticated bits and leaky ANDs. A block is 16 bytes: this party's bit in the lowest bit and its MAC above it, or a
// key for a bit of the other party with 0 in the lowest bit. Selections by secret bits are masks, not branches.

// @ts-ignore: decorator
@inline
function bitAt(bits: usize, i: usize): u64 {
  return ((load<u8>(bits + (i >> 3)) >> ((i & 7) as u8)) & 1) as u64;
}

/** All ones if the lowest bit of a block is set, else zeros. */
// @ts-ignore: decorator
@inline
function chosen(at: usize): v128 {
  return i64x2.splat(0 - (load<u64>(at) & 1));
}

/** Replace the lowest bit of each block by the next of `bits`, eight to a byte. */
export function setLow(blocks: usize, bits: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const at = blocks + (i << 4);
    store<u64>(at, (load<u64>(at) & ~1) | bitAt(bits, i));
  }
}

/** Clear the lowest bit of each block. */
export function clearLow(blocks: usize, count: usize): void {
  for (let end = blocks + (count << 4); blocks < end; blocks += 16) store<u64>(blocks, load<u64>(blocks) & ~1);
}

/**
 * Apply a linear orthomorphism to each block, in place: its low and high words (l, h) become (l ^ h, l). It is a permutation,
 * and so is its sum with the block itself.
 */
export function spread(blocks: usize, count: usize): void {
  for (let end = blocks + (count << 4); blocks < end; blocks += 16) {
    const low = load<u64>(blocks);
    store<u64>(blocks, low ^ load<u64>(blocks, 8));
    store<u64>(blocks, low, 8);
  }
}

/** Pack the lowest bit of each block, eight to a byte; the rest of the last byte is 0. */
export function packLow(blocks: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i += 8) {
    const most = count - i < 8 ? count - i : 8;
    let byte: u8 = 0;
    for (let j: usize = 0; j < most; j++) byte |= ((load<u8>(blocks + ((i + j) << 4)) & 1) << (j as u8)) as u8;
    store<u8>(to + (i >> 3), byte);
  }
}

/** to ^= block wherever the next of `bits` is set. */
export function xorChosen(to: usize, bits: usize, block: usize, count: usize): void {
  const x = v128.load(block);
  for (let i: usize = 0; i < count; i++) {
    const at = to + (i << 4);
    v128.store(at, v128.xor(v128.load(at), v128.and(i64x2.splat(0 - bitAt(bits, i)), x)));
  }
}

/** to ^= from wherever the lowest bit of the selector is set. */
export function xorSelected(to: usize, from: usize, selectors: usize, count: usize): void {
  for (let at: usize = 0; at < count << 4; at += 16)
    v128.store(to + at, v128.xor(v128.load(to + at), v128.and(chosen(selectors + at), v128.load(from + at))));
}

/**
 * One party's side of leaky ANDs: with C = y·delta ^ K[y] ^ M[y], the message g = H(K[x]) ^ H(K[x] ^ delta) ^ C and the
 * part of S that does not depend on the other party's message, s = H(K[x]) ^ H(M[x]) ^ x·C ^ z·delta ^ K[z] ^ M[z].
 *
 * @param h0 - H(K[x]); `h1` is H(K[x] ^ delta), `hm` is H(M[x])
 * @param x - this party's bits and MACs; `y` and `z` alike, with the keys of the other party's
 * @param mask - the low word of a mask on this party's MACs, which removes the bits from them
 */
export function leakyGates(
  h0: usize, h1: usize, hm: usize, x: usize, y: usize, yKeys: usize, z: usize, zKeys: usize, count: usize,
  delta: usize, mask: u64, g: usize, s: usize,
): void {
  const key = v128.load(delta);
  const macs = i64x2.replace_lane(i64x2.splat(-1), 0, mask);
  for (let at: usize = 0; at < count << 4; at += 16) {
    const own = v128.and(v128.load(y + at), macs);
    const c = v128.xor(v128.xor(v128.and(chosen(y + at), key), v128.load(yKeys + at)), own);
    const first = v128.load(h0 + at);
    v128.store(g + at, v128.xor(v128.xor(first, v128.load(h1 + at)), c));
    const pads = v128.xor(first, v128.load(hm + at));
    const product = v128.xor(v128.and(chosen(x + at), c), v128.and(chosen(z + at), key));
    const rest = v128.xor(v128.load(zKeys + at), v128.and(v128.load(z + at), macs));
    v128.store(s + at, v128.xor(v128.xor(pads, product), rest));
  }
}

/** The first y of each bucket plus each of its others: `size` − 1 blocks for each of `count` buckets. */
export function bucketDifferences(y: usize, order: usize, size: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const first = v128.load(y + ((load<u32>(order) as usize) << 4));
    for (let j: usize = 1; j < size; j++) {
      v128.store(to, v128.xor(first, v128.load(y + ((load<u32>(order + (j << 2)) as usize) << 4))));
      to += 16;
    }
    order += size << 2;
  }
}

/**
 * Combine each bucket into one: the sum of its x, its first y, and the sum of its z and of its x where the difference
 * of y is 1.
 *
 * @param differences - bits, `size` − 1 for each bucket
 */
export function combineBuckets(
  x: usize, y: usize, z: usize, order: usize, differences: usize, size: usize, count: usize,
  toX: usize, toY: usize, toZ: usize,
): void {
  let next: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    let at = (load<u32>(order) as usize) << 4;
    let sumX = v128.load(x + at);
    let sumZ = v128.load(z + at);
    v128.store(toY + (i << 4), v128.load(y + at));
    for (let j: usize = 1; j < size; j++) {
      at = (load<u32>(order + (j << 2)) as usize) << 4;
      const other = v128.load(x + at);
      sumX = v128.xor(sumX, other);
      const product = v128.and(i64x2.splat(0 - bitAt(differences, next++)), other);
      sumZ = v128.xor(sumZ, v128.xor(v128.load(z + at), product));
    }
    v128.store(toX + (i << 4), sumX);
    v128.store(toZ + (i << 4), sumZ);
    order += size << 2;
  }
}
