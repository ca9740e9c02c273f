/**
 * Authenticated bits: shares in F_2 with a MAC under each party's own key (TinyOT).
 *
 * A bit x is the sum of a bit of each party. For its own bit b a party holds a MAC, the other party a key, with
 * MAC = key ⊕ b·delta for the other party's secret delta. A block is 16 bytes: the lowest bit of a MAC's block is the bit
 * itself, and that of a key's block is 0. With the lowest bit of delta set to 1 the equation includes the bit, and sums
 * of bits, MACs and keys are sums of whole blocks. So a MAC has 127 bits: a party that opens another bit than its own
 * passes with probability 2^−127.
 *
 * Source: Nielsen, Nordholt, Orlandi, Burra, ePrint 2011/091; Katz, Ranellucci, Rosulek, Wang, ePrint 2018/578.
 */

import type { Party } from "../channel/channel";

/** Bytes of a MAC with its bit, and of a key. */
export const BLOCK = 16;
const WORDS = 4;

/** This party's shares of bits. */
export interface BitVector {
  /** This party's bits, each in the lowest bit of its MAC. */
  readonly own: Uint8Array;
  /** The keys of the other party's bits. */
  readonly keys: Uint8Array;
}

/** This party's key for the other party's bits. */
export interface BitKey {
  readonly party: Party;
  /** 16 secret bytes, the lowest bit set. */
  readonly delta: Uint8Array;
}

/** The number of bits. */
export function bitCount({ own }: BitVector): number {
  return own.length / BLOCK;
}

/** Bytes of so many packed bits: bit i is bit i & 7 of byte i >> 3. */
export function packedBytes(count: number): number {
  return Math.ceil(count / 8);
}

/** Return words that share memory with the bytes, or with a copy where they are not aligned. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** Compute x ⊕ y. */
export function xorBits(x: BitVector, y: BitVector): BitVector {
  return { own: xorBlocks(x.own, y.own), keys: xorBlocks(x.keys, y.keys) };
}

/** Compute x ⊕ c for public packed bits c: party 0 adds them to its bits, and party 1 adapts its keys. */
export function xorPublicBits({ party, delta }: BitKey, x: BitVector, c: Uint8Array): BitVector {
  const [own, keys] = [x.own.slice(), x.keys.slice()];
  if (party === 0) for (let i = 0; i < own.length / BLOCK; i++) own[i * BLOCK]! ^= bitAt(c, i);
  else addChosen(keys, c, withoutBit(delta));
  return { own, keys };
}

/** Compute ¬x. */
export function notBits(key: BitKey, x: BitVector): BitVector {
  return xorPublicBits(key, x, new Uint8Array(packedBytes(bitCount(x))).fill(255));
}

/** Make shares of public packed bits. */
export function publicBits(key: BitKey, c: Uint8Array, count: number): BitVector {
  const zeros = () => new Uint8Array(count * BLOCK);
  return xorPublicBits(key, { own: zeros(), keys: zeros() }, c);
}

/** Take the bits from `start` up to, but not including, `end`. */
export function sliceBits({ own, keys }: BitVector, start: number, end: number): BitVector {
  return { own: own.slice(start * BLOCK, end * BLOCK), keys: keys.slice(start * BLOCK, end * BLOCK) };
}

/** Take every `stride`-th bit, from the first one on. */
export function strideBits(x: BitVector, first: number, stride: number): BitVector {
  const count = Math.floor((bitCount(x) - first + stride - 1) / stride);
  const part = (blocks: Uint8Array) => {
    const from = wordsOf(blocks);
    const to = new Int32Array(count * WORDS);
    for (let i = 0, at = first * WORDS; i < to.length; i += WORDS, at += stride * WORDS) {
      to[i] = from[at]!;
      to[i + 1] = from[at + 1]!;
      to[i + 2] = from[at + 2]!;
      to[i + 3] = from[at + 3]!;
    }
    return new Uint8Array(to.buffer);
  };
  return { own: part(x.own), keys: part(x.keys) };
}

export function concatBits(parts: readonly BitVector[]): BitVector {
  const size = parts.reduce((sum, { own }) => sum + own.length, 0);
  const result = { own: new Uint8Array(size), keys: new Uint8Array(size) };
  let at = 0;
  for (const { own, keys } of parts) {
    result.own.set(own, at);
    result.keys.set(keys, at);
    at += own.length;
  }
  return result;
}

/** Pack this party's bits. */
export function packBits({ own }: BitVector): Uint8Array {
  const count = own.length / BLOCK;
  const packed = new Uint8Array(packedBytes(count));
  for (let i = 0; i < count; i++) packed[i >> 3]! |= (own[i * BLOCK]! & 1) << (i & 7);
  return packed;
}

/** Read one of the packed bits. */
export function bitAt(packed: Uint8Array, i: number): number {
  return (packed[i >> 3]! >> (i & 7)) & 1;
}

/** Add a block wherever the next of the packed bits is 1. */
export function addChosen(blocks: Uint8Array, bits: Uint8Array, block: Uint8Array): void {
  const to = wordsOf(blocks);
  const [a, b, c, d] = wordsOf(block) as unknown as [number, number, number, number];
  for (let i = 0; i < to.length / WORDS; i++) {
    const mask = -bitAt(bits, i);
    const at = i * WORDS;
    to[at]! ^= a & mask;
    to[at + 1]! ^= b & mask;
    to[at + 2]! ^= c & mask;
    to[at + 3]! ^= d & mask;
  }
}

/** Return the key as it authenticates MACs without their bits. */
function withoutBit(delta: Uint8Array): Uint8Array {
  const copy = delta.slice();
  copy[0]! &= 254;
  return copy;
}

function xorBlocks(x: Uint8Array, y: Uint8Array): Uint8Array {
  const sum = new Uint8Array(x.length);
  addBlocks(x, y, sum);
  return sum;
}

/**
 * Write x ⊕ y.
 *
 * @throws {RangeError} the vectors are not equally long
 */
export function addBlocks(x: Uint8Array, y: Uint8Array, to: Uint8Array): void {
  if (x.length !== y.length)
    throw new RangeError(
      `vectors of bits must be equally long, got ${x.length / BLOCK} and ${y.length / BLOCK}`,
    );
  const [a, b] = [wordsOf(x), wordsOf(y)];
  const sum = new Int32Array(to.buffer, to.byteOffset, x.length / 4);
  const { length } = sum;
  // A block at a time is twice as fast as a word at a time.
  for (let i = 0; i < length; i += WORDS) {
    sum[i] = a[i]! ^ b[i]!;
    sum[i + 1] = a[i + 1]! ^ b[i + 1]!;
    sum[i + 2] = a[i + 2]! ^ b[i + 2]!;
    sum[i + 3] = a[i + 3]! ^ b[i + 3]!;
  }
}
