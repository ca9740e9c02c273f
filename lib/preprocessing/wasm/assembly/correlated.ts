// Correlated transfers of words mod 2^64: sums of streams, hashes of rows, and products of a bit, or of 64 bits, with a
// word. Selections by secret bits are masks, not branches.

/** to = a ^ b ^ c; `length` is a multiple of 16. */
export function sumStreams(a: usize, b: usize, c: usize, length: usize, to: usize): void {
  for (let at: usize = 0; at < length; at += 16) {
    v128.store(to + at, v128.xor(v128.xor(v128.load(a + at), v128.load(b + at)), v128.load(c + at)));
  }
}

/** to = a ^ b ^ c ^ d; `length` is a multiple of 16. */
export function sumFourStreams(a: usize, b: usize, c: usize, d: usize, length: usize, to: usize): void {
  for (let at: usize = 0; at < length; at += 16) {
    const left = v128.xor(v128.load(a + at), v128.load(b + at));
    v128.store(to + at, v128.xor(left, v128.xor(v128.load(c + at), v128.load(d + at))));
  }
}

/** The low words of x ^ y, for `count` blocks of 16 bytes, an even number. */
export function xorLow(x: usize, y: usize, count: usize, to: usize): void {
  for (let end = to + count * 8; to < end; to += 16) {
    const first = v128.xor(v128.load(x), v128.load(y));
    const second = v128.xor(v128.load(x, 16), v128.load(y, 16));
    v128.store(to, i64x2.shuffle(first, second, 0, 2));
    x += 32;
    y += 32;
  }
}

/**
 * The sender's side of products of a word of the receiver, one transfer for each of its bits, with a word of `b`.
 *
 * Transfer i has the messages m0 = p0 ^ q and m1 = p1 ^ q ^ delta, low words. The receiver is sent m0 − m1 + b, of
 * which 64 − i bits matter: those of transfers i and 64 − i share a word of `d`, 32 words for each product, and those
 * of transfer 32 half a word of `halves`. The sender's share is −Σ 2^i·m0.
 */
export function sendProducts(
  p0: usize, p1: usize, q: usize, delta: u64, b: usize, count: usize, d: usize, halves: usize, share: usize,
): void {
  for (let j: usize = 0; j < count; j++) {
    const word = load<u64>(b + j * 8);
    let x = load<u64>(q);
    let m = load<u64>(p0) ^ x;
    let sum = m;
    store<u64>(d, m - (load<u64>(p1) ^ x ^ delta) + word);
    for (let i: u64 = 1; i < 32; i++) {
      const low = (i as usize) << 4;
      const high: usize = 1024 - low;
      x = load<u64>(q + low);
      m = load<u64>(p0 + low) ^ x;
      const first = m - (load<u64>(p1 + low) ^ x ^ delta) + word;
      x = load<u64>(q + high);
      const n = load<u64>(p0 + high) ^ x;
      const second = n - (load<u64>(p1 + high) ^ x ^ delta) + word;
      sum += (m << i) + (n << (64 - i));
      store<u64>(d + (low >> 1), ((first << i) >> i) | (second << (64 - i)));
    }
    x = load<u64>(q, 512);
    m = load<u64>(p0, 512) ^ x;
    store<u32>(halves + j * 4, (m - (load<u64>(p1, 512) ^ x ^ delta) + word) as u32);
    store<u64>(share + j * 8, 0 - sum - (m << 32));
    p0 += 1024;
    p1 += 1024;
    q += 1024;
    d += 256;
  }
}

/**
 * The receiver's side: `messages` are its words, one for each transfer, `choices` its factors, whose bits chose them.
 * Its share is Σ 2^i·(message + bit·d).
 */
export function receiveProducts(
  messages: usize, choices: usize, count: usize, d: usize, halves: usize, share: usize,
): void {
  for (let j: usize = 0; j < count; j++) {
    const factor = load<u64>(choices + j * 8);
    let sum = load<u64>(messages) + (load<u64>(d) & (0 - (factor & 1)));
    for (let i: u64 = 1; i < 32; i++) {
      const low = (i as usize) << 3;
      const word = load<u64>(d + low);
      const rest: u64 = 64 - i;
      const first = load<u64>(messages + low) + (word & (0 - ((factor >> i) & 1)));
      const second = load<u64>(messages + 512 - low) + ((word >> rest) & (0 - ((factor >> rest) & 1)));
      sum += (first << i) + (second << rest);
    }
    const half = (load<u32>(halves + j * 4) as u64) & (0 - ((factor >> 32) & 1));
    store<u64>(share + j * 8, sum + ((load<u64>(messages, 256) + half) << 32));
    messages += 512;
    d += 256;
  }
}

/** The sender's side of products of a bit of the receiver with a word of `b`: one transfer, one word of `d` each. */
export function sendBitProducts(
  p0: usize, p1: usize, q: usize, delta: u64, b: usize, count: usize, d: usize, share: usize,
): void {
  for (let j: usize = 0; j < count; j++) {
    const x = load<u64>(q + j * 16);
    const m = load<u64>(p0 + j * 16) ^ x;
    store<u64>(d + j * 8, m - (load<u64>(p1 + j * 16) ^ x ^ delta) + load<u64>(b + j * 8));
    store<u64>(share + j * 8, 0 - m);
  }
}

/** The receiver's side; `bits` are its choices as words. */
export function receiveBitProducts(messages: usize, bits: usize, count: usize, d: usize, share: usize): void {
  for (let at: usize = 0; at < count * 8; at += 8) {
    store<u64>(share + at, load<u64>(messages + at) + (load<u64>(d + at) & (0 - load<u64>(bits + at))));
  }
}

/** The `count` bits of a string, lowest first, as words. */
export function spreadBits(bits: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) store<u64>(to + i * 8, (load<u8>(bits + (i >> 3)) >> ((i & 7) as u8)) & 1);
}

/** to = x·y + s + t. */
export function addProducts64(x: usize, y: usize, s: usize, t: usize, count: usize, to: usize): void {
  for (let at: usize = 0; at < count * 8; at += 8) {
    store<u64>(to + at, load<u64>(x + at) * load<u64>(y + at) + load<u64>(s + at) + load<u64>(t + at));
  }
}

/** The products of words with 1 − 2·bit: −x where the word of `bits` is 1, x where it is 0. */
export function flipSigns(x: usize, bits: usize, count: usize, to: usize): void {
  for (let at: usize = 0; at < count * 8; at += 8) {
    const bit = load<u64>(bits + at);
    store<u64>(to + at, (load<u64>(x + at) ^ (0 - bit)) + bit);
  }
}

/** to = x − 2·y. */
export function lessTwice(x: usize, y: usize, count: usize, to: usize): void {
  for (let at: usize = 0; at < count * 8; at += 8) {
    store<u64>(to + at, load<u64>(x + at) - (load<u64>(y + at) << 1));
  }
}
