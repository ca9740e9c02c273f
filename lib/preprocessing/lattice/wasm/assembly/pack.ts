// Residues as bytes: 32 residues of a few bits each fill whole words.

/** Pack n words of `width` bits; n is a multiple of 32. */
export function pack(x: usize, n: usize, width: u64, to: usize): void {
  for (const end = x + (n << 2); x < end; ) {
    let bits: u64 = 0;
    let held: u64 = 0;
    for (let i = 0; i < 32; i++, x += 4) {
      bits |= (load<u32>(x) as u64) << held;
      held += width;
      if (held < 32) continue;
      store<u32>(to, bits as u32);
      to += 4;
      bits >>= 32;
      held -= 32;
    }
  }
}

/** Unpack n words of `width` bits; returns whether all of them are below p. */
export function unpack(from: usize, n: usize, width: u64, p: u32, to: usize): bool {
  const mask: u32 = (1 << (width as u32)) - 1;
  let right = true;
  for (const end = to + (n << 2); to < end; ) {
    let bits: u64 = 0;
    let held: u64 = 0;
    for (let i = 0; i < 32; i++, to += 4) {
      if (held < width) {
        bits |= (load<u32>(from) as u64) << held;
        from += 4;
        held += 32;
      }
      const word = (bits as u32) & mask;
      right = right && word < p;
      store<u32>(to, word);
      bits >>= width;
      held -= width;
    }
  }
  return right;
}
