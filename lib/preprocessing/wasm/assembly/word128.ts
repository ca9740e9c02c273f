// Arithmetic mod 2^128 on pairs of words, low word first. Selections by secret bits are masks, not branches.

// @ts-ignore: decorator
@inline
export function umulh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const m = a1 * b0 + ((a0 * b0) >> 32);
  const n = a0 * b1 + (m & 0xffffffff);
  return a1 * b1 + (m >> 32) + (n >> 32);
}

/** to += x. */
export function add128(to: usize, x: usize, count: usize): void {
  for (let i: usize = 0; i < count * 16; i += 16) {
    const a = load<u64>(x + i);
    const s = load<u64>(to + i) + a;
    store<u64>(to + i, load<u64>(to + i, 8) + load<u64>(x + i, 8) + u64(s < a), 8);
    store<u64>(to + i, s);
  }
}
