import type JSBI from "jsbi";
import type { Integer } from "./integer";

/**
 * Arithmetic in Z_2^k on vectors of elements. Everything above knows only this interface, so that a faster engine
 * or another width changes nothing else.
 *
 * Vectors are immutable: an operation returns a new one. Lengths are checked, and a mismatch is a RangeError.
 */

/** A vector of ring elements, stored as its ring likes. */
export interface RingVector {
  readonly ring: Ring;
  readonly length: number;
  /** Frees the storage now rather than when the garbage collector comes by. Using it afterwards throws. */
  dispose(): void;
}

/**
 * Fills a buffer with bytes; a PRG or the operating system. A deterministic source is a stream: two fills give the
 * bytes of one fill of both lengths, as long as the first length is a multiple of 16.
 */
export interface ByteSource {
  fill(target: Uint8Array): void;
  /** The next bytes of the same stream in an array of their own, where the source makes one anyway. */
  draw?(length: number): Uint8Array;
}

/** Shares of values and of their MACs, in vectors of one length. */
export interface VectorPair {
  readonly value: RingVector;
  readonly mac: RingVector;
}

/** The same as bytes. */
export interface BytePair {
  readonly values: Uint8Array;
  readonly macs: Uint8Array;
}

/** Openings: this party's shares of values and MACs, and what both parties saw, in vectors of one length. */
export interface OpenedVectors {
  readonly values: RingVector;
  readonly macs: RingVector;
  readonly opened: RingVector;
}

/**
 * Both halves of Beaver's product of n shared elements with MACs mod 2^128, each in one pass. What a ring offers beside
 * its operations: they give the same, in some thirty steps. All operands must be of the right length.
 */
export interface SharedProducts {
  /**
   * x − a and y − b, one after the other.
   *
   * @returns their low words, and them and their MACs as elements
   */
  mask(
    x: VectorPair,
    y: VectorPair,
    triple: readonly BytePair[],
  ): { readonly low: Uint8Array; readonly values: RingVector; readonly macs: RingVector };
  /**
   * x·y, from a triple and both parties' low words.
   *
   * @param alpha - this party's part of the MAC key
   * @param addsPublic - whether this party adds what is public
   * @returns shares of the products, and the low words of what was opened as elements
   */
  multiply(
    triple: readonly BytePair[],
    mine: Uint8Array,
    theirs: Uint8Array,
    alpha: bigint,
    addsPublic: boolean,
  ): VectorPair & { readonly opened: RingVector };
}

/** How a matrix operand lies in its vector, row after row. */
export interface MatmulOptions {
  /** The left operand is stored as k×m and used as its transpose. */
  readonly transposeLeft?: boolean;
  /** The right operand is stored as n×k and used as its transpose. */
  readonly transposeRight?: boolean;
}

/** A comparison of an element with a constant. */
export type Relation = "==" | "!=" | "<" | "<=" | ">" | ">=";

export interface Ring {
  /** Which implementation this is, for messages and benchmarks: `"wasm"`, `"bigint"`, `"jsbi"`. */
  readonly name: string;
  /** k: elements are integers mod 2^k. */
  readonly bits: number;
  /** Bytes of an element on the wire: ⌈k/8⌉, little-endian. */
  readonly bytes: number;
  /** Where products of shares come in two steps instead of thirty. */
  readonly sharedProducts?: SharedProducts | undefined;
  /**
   * Sums of 64 subsets of openings, where the ring has a quicker way than products of matrices. Row r has element 4g + q
   * when bit q of nibble r of group g is set; a group has 64 nibbles in 32 bytes, the lower one first, and the last group
   * is whole even where elements are missing. Of what was opened only the low words are added up, mod 2^64.
   */
  readonly subsetSums?: ((x: OpenedVectors, subsets: Uint8Array) => OpenedVectors) | undefined;

  zeros(length: number): RingVector;
  /** `length` copies of one value, reduced mod 2^k. */
  full(length: number, value: Integer): RingVector;
  /** Any integers, reduced mod 2^k; JSBI values are taken as well. */
  fromBigInts(values: readonly Integer[]): RingVector;
  /** Representatives in [0, 2^k). */
  toBigInts(x: RingVector): bigint[];
  /** Representatives in [−2^(k−1), 2^(k−1)). */
  toSignedBigInts(x: RingVector): bigint[];
  /** Representatives in [0, 2^k), for code without native BigInt. */
  toJSBIs(x: RingVector): JSBI[];
  /** `length · bytes` little-endian bytes; a wrong size or a bit above k is a RangeError. */
  fromBytes(bytes: Uint8Array, length: number): RingVector;
  /**
   * `length · bytes` little-endian bytes.
   *
   * @param target - takes them, and is returned; of just that size, else it is a RangeError
   */
  toBytes(x: RingVector, target?: Uint8Array): Uint8Array;
  /** Uniform elements, each of full width. */
  random(length: number, source: ByteSource): RingVector;
  /**
   * Fixed point: each value times 2^fracBits, rounded to the nearest integer, ties to even.
   * @throws {RangeError} NaN, infinite, or of magnitude 2^limitBits and more after scaling
   */
  fromFloat64(values: Float64Array, fracBits: number, limitBits: number): RingVector;
  /** The signed representatives divided by 2^fracBits, to the nearest double. */
  toFloat64(x: RingVector, fracBits: number): Float64Array;

  add(x: RingVector, y: RingVector): RingVector;
  sub(x: RingVector, y: RingVector): RingVector;
  neg(x: RingVector): RingVector;
  /** Element by element. */
  mul(x: RingVector, y: RingVector): RingVector;
  /** x·y + z, element by element. */
  mulAdd(x: RingVector, y: RingVector, z: RingVector): RingVector;
  and(x: RingVector, y: RingVector): RingVector;
  xor(x: RingVector, y: RingVector): RingVector;
  addScalar(x: RingVector, value: Integer): RingVector;
  mulScalar(x: RingVector, value: Integer): RingVector;
  andScalar(x: RingVector, value: Integer): RingVector;
  xorScalar(x: RingVector, value: Integer): RingVector;
  /** The product of an m×k and a k×n matrix. */
  matmul(x: RingVector, y: RingVector, m: number, k: number, n: number, options?: MatmulOptions): RingVector;
  sum(x: RingVector): bigint;
  /** The sum over the middle axis of outer×axis×inner elements: outer×inner. */
  sumAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector;
  /** Shifts take any number of bits from 0; from k on nothing of the value is left. */
  shiftLeft(x: RingVector, bits: number): RingVector;
  /** Logical: zeros come in from above. */
  shiftRight(x: RingVector, bits: number): RingVector;
  /** Arithmetic: the sign comes in from above. */
  shiftRightSigned(x: RingVector, bits: number): RingVector;
  /**
   * 1 where the integer that the element stands for stands in that relation to `value`, else 0. `value` is not
   * reduced: every element is less than 2^k.
   *
   * @param signed - elements stand for [−2^(k−1), 2^(k−1)) as by default, or for [0, 2^k)
   */
  compareScalar(x: RingVector, relation: Relation, value: Integer, signed?: boolean): RingVector;
  /** Bit `index` of every element, as 0 or 1. */
  bit(x: RingVector, index: number): RingVector;
  /** The `count` lowest bits as 0 or 1, bit after bit: bit j of element i is element j·length + i. */
  decompose(x: RingVector, count: number): RingVector;
  /** Σ 2^j · (element j·length/count + i): the inverse of `decompose`, and linear, so it serves shares of bits. */
  compose(x: RingVector, count: number): RingVector;
  /** The lowest bit of every element, eight to a byte, the first in the lowest place. */
  toBits(x: RingVector): Uint8Array;
  /** The inverse of `toBits`: 0 or 1 from each of `length` bits. */
  fromBits(bytes: Uint8Array, length: number): RingVector;
  /** Elements from `start` to before `end`, which lie in the vector. */
  slice(x: RingVector, start: number, end: number): RingVector;
  concat(vectors: readonly RingVector[]): RingVector;
  /**
   * Elements `offset + Σ i_a · strides[a]` for every index i in `shape`, the last axis fastest: slices, transposes,
   * broadcasts (stride 0) and im2col are this, without an index for each element.
   */
  strided(x: RingVector, shape: readonly number[], strides: readonly number[], offset: number): RingVector;
  /** Adds x where `strided` would have read, into a zero vector of `length`: its transpose; padding is this. */
  stridedAdd(
    x: RingVector,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): RingVector;
  /** Element i of the result is `x[indices[i]]`; broadcasting, slicing and transposing are gathers. */
  gather(x: RingVector, indices: Int32Array): RingVector;
  /** Adds `x[i]` to element `indices[i]` of a zero vector; the transpose of `gather`, sums over axes are this. */
  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector;
  equals(x: RingVector, y: RingVector): boolean;
}
