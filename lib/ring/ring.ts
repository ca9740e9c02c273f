import type JSBI from "jsbi";
import type { Integer } from "./integer";

/**
 * Arithmetic in Z_2^k on vectors of elements. Higher layers use only this interface, so a faster engine or another
 * width changes nothing else.
 *
 * Vectors are immutable: an operation returns a new one. It checks lengths and throws a RangeError on a mismatch.
 */

/** A vector of ring elements. Each ring chooses its own storage. */
export interface RingVector {
  readonly ring: Ring;
  readonly length: number;
  /** Free the storage now instead of at the next garbage collection. Using the vector afterwards throws. */
  dispose(): void;
}

/**
 * A source of bytes: a PRG or the operating system. A deterministic source is a stream: two fills give the same bytes
 * as one fill of their total length, provided that the first length is a multiple of 16.
 */
export interface ByteSource {
  fill(target: Uint8Array): void;
  /** Return the next bytes of the same stream in a new array, if the source creates one anyway. */
  draw?(length: number): Uint8Array;
}

/** Shares of values and of their MACs, in vectors of one length. */
export interface VectorPair {
  readonly value: RingVector;
  readonly mac: RingVector;
}

/** A VectorPair as bytes. */
export interface BytePair {
  readonly values: Uint8Array;
  readonly macs: Uint8Array;
}

/** Openings, in vectors of one length: this party's shares of the values and MACs, and the values both parties saw. */
export interface OpenedVectors {
  readonly values: RingVector;
  readonly macs: RingVector;
  readonly opened: RingVector;
}

/**
 * Both halves of Beaver's product of n shared elements with MACs mod 2^128, each in one pass. A ring may offer this as
 * a shortcut; its basic operations give the same result in more steps. All operands must have the right length.
 */
export interface SharedProducts {
  /**
   * Compute x − a and y − b, one after the other.
   *
   * @returns the low words of both differences; the differences and their MACs as elements
   */
  mask(
    x: VectorPair,
    y: VectorPair,
    triple: readonly BytePair[],
  ): { readonly low: Uint8Array; readonly values: RingVector; readonly macs: RingVector };
  /**
   * Compute shares of x·y from a triple and both parties' low words.
   *
   * @param alpha - this party's part of the MAC key
   * @param addsPublic - whether this party adds the public terms
   * @returns shares of the products, and the low words of the opened values as elements
   */
  multiply(
    triple: readonly BytePair[],
    mine: Uint8Array,
    theirs: Uint8Array,
    alpha: bigint,
    addsPublic: boolean,
  ): VectorPair & { readonly opened: RingVector };
}

/** Storage order of matrix operands; the default is row-major. */
export interface MatmulOptions {
  /** The left operand is stored as k×m and used as its transpose. */
  readonly transposeLeft?: boolean;
  /** The right operand is stored as n×k and used as its transpose. */
  readonly transposeRight?: boolean;
}

/** A comparison of an element with a constant. */
export type Relation = "==" | "!=" | "<" | "<=" | ">" | ">=";

export interface Ring {
  /** Name of the implementation, for messages and benchmarks: `"wasm"`, `"bigint"`, `"jsbi"`. */
  readonly name: string;
  /** k: elements are integers mod 2^k. */
  readonly bits: number;
  /** Bytes of an element on the wire: ⌈k/8⌉, little-endian. */
  readonly bytes: number;
  /** Shortcut for products of shares, if this ring has one. */
  readonly sharedProducts?: SharedProducts | undefined;
  /**
   * Sums of 64 subsets of openings, if this ring has a faster way than matrix products. Row r contains element 4g + q
   * when bit q of nibble r of group g is set. A group has 64 nibbles in 32 bytes, the lower nibble first; the last
   * group is complete even where elements are missing. Of the opened values only the low words are added, mod 2^64.
   */
  readonly subsetSums?: ((x: OpenedVectors, subsets: Uint8Array) => OpenedVectors) | undefined;

  zeros(length: number): RingVector;
  /** `length` copies of one value, reduced mod 2^k. */
  full(length: number, value: Integer): RingVector;
  /** Any integers, native or JSBI, reduced mod 2^k. */
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
   * @param target - receives the bytes and is returned; it must have exactly that size
   * @throws {RangeError} `target` has another size
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
  /** The running sums along the middle axis of outer×axis×inner elements, each with its own element. */
  cumulateAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector;
  /** Shift by any non-negative number of bits; by k or more the result is 0. */
  shiftLeft(x: RingVector, bits: number): RingVector;
  /** Logical shift: fill with zeros from above. */
  shiftRight(x: RingVector, bits: number): RingVector;
  /** Arithmetic shift: fill with the sign bit from above. */
  shiftRightSigned(x: RingVector, bits: number): RingVector;
  /**
   * Compare each element with `value`: 1 where the relation holds, else 0. `value` is not reduced, so every element is
   * less than 2^k.
   *
   * @param signed - read elements as [−2^(k−1), 2^(k−1)) if true, as [0, 2^k) if false. Default: `true`.
   */
  compareScalar(x: RingVector, relation: Relation, value: Integer, signed?: boolean): RingVector;
  /** Bit `index` of every element, as 0 or 1. */
  bit(x: RingVector, index: number): RingVector;
  /** The `count` lowest bits as 0 or 1, bit after bit: bit j of element i is element j·length + i. */
  decompose(x: RingVector, count: number): RingVector;
  /** Σ 2^j · (element j·length/count + i): the inverse of `decompose`. It is linear, so it works on shares of bits. */
  compose(x: RingVector, count: number): RingVector;
  /** The lowest bit of every element, eight to a byte, the first in the lowest place. */
  toBits(x: RingVector): Uint8Array;
  /** The inverse of `toBits`: 0 or 1 from each of `length` bits. */
  fromBits(bytes: Uint8Array, length: number): RingVector;
  /** Elements from `start` (included) to `end` (excluded); both must lie in the vector. */
  slice(x: RingVector, start: number, end: number): RingVector;
  /**
   * Join vectors one after another; or cut each into `rows` equal rows, and join them row by row, as matrices side by
   * side.
   *
   * @param rows - Default: 1
   */
  concat(vectors: readonly RingVector[], rows?: number): RingVector;
  /**
   * Elements `offset + Σ i_a · strides[a]` for every index i in `shape`, the last axis fastest. Use it for slices,
   * transposes, broadcasts (stride 0) and im2col: it needs no index for each element.
   */
  strided(x: RingVector, shape: readonly number[], strides: readonly number[], offset: number): RingVector;
  /** The transpose of `strided`: add x into a zero vector of `length` where `strided` would read. Use it to pad. */
  stridedAdd(
    x: RingVector,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): RingVector;
  /** Element i of the result is `x[indices[i]]`. Use it to broadcast, slice and transpose. */
  gather(x: RingVector, indices: Int32Array): RingVector;
  /** The transpose of `gather`: add `x[i]` to element `indices[i]` of a zero vector. Use it to sum over axes. */
  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector;
  equals(x: RingVector, y: RingVector): boolean;
}
