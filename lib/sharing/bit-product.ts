import {
  addBlocks,
  type BitKey,
  type BitVector,
  BLOCK,
  bitAt,
  bitCount,
  wordsOf,
  xorPublicBits,
} from "./bits";

/** Authenticated random bits a and b, and their product c. Used once. */
export interface BitTriple {
  readonly a: BitVector;
  readonly b: BitVector;
  readonly c: BitVector;
}

/** Compute what a product of bits opens: first all x ⊕ a, then all y ⊕ b. */
export function maskFactors(x: BitVector, y: BitVector, { a, b }: BitTriple): BitVector {
  const part = (of: "own" | "keys") => {
    const size = x[of].length;
    const masked = new Uint8Array(size + y[of].length);
    addBlocks(x[of], a[of], masked.subarray(0, size));
    addBlocks(y[of], b[of], masked.subarray(size));
    return masked;
  };
  return { own: part("own"), keys: part("keys") };
}

/**
 * Compute shares of x ∧ y from the opened epsilon = x ⊕ a and delta = y ⊕ b: c ⊕ epsilon·b ⊕ delta·a ⊕ epsilon·delta.
 *
 * @param opened - packed, first all epsilon, then all delta
 *
 * Source: Beaver, CRYPTO 1991, in F_2.
 */
export function bitProduct(key: BitKey, { a, b, c }: BitTriple, opened: Uint8Array): BitVector {
  const count = bitCount(a);
  const both = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) both[i >> 3]! |= (bitAt(opened, i) & bitAt(opened, count + i)) << (i & 7);
  const part = (of: "own" | "keys") => {
    const [x, y, sum] = [wordsOf(a[of]), wordsOf(b[of]), wordsOf(c[of].slice())];
    for (let i = 0, at = 0; i < count; i++) {
      const epsilon = -bitAt(opened, i);
      const delta = -bitAt(opened, count + i);
      for (const end = at + BLOCK / 4; at < end; at++) sum[at]! ^= (y[at]! & epsilon) ^ (x[at]! & delta);
    }
    return new Uint8Array(sum.buffer, sum.byteOffset, count * BLOCK);
  };
  return xorPublicBits(key, { own: part("own"), keys: part("keys") }, both);
}
