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

/** Fills a buffer with bytes; a PRG or the operating system. */
export interface ByteSource {
  fill(target: Uint8Array): void;
}

/** How a matrix operand lies in its vector, row after row. */
export interface MatmulOptions {
  /** The left operand is stored as k×m and used as its transpose. */
  readonly transposeLeft?: boolean;
  /** The right operand is stored as n×k and used as its transpose. */
  readonly transposeRight?: boolean;
}

export interface Ring {
  /** Which implementation this is, for messages and benchmarks: `"wasm"`, `"bigint"`, `"jsbi"`. */
  readonly name: string;
  /** k: elements are integers mod 2^k. */
  readonly bits: number;
  /** Bytes of an element on the wire: ⌈k/8⌉, little-endian. */
  readonly bytes: number;

  zeros(length: number): RingVector;
  /** `length` copies of one value, reduced mod 2^k. */
  full(length: number, value: bigint): RingVector;
  /** Any integers, reduced mod 2^k. */
  fromBigInts(values: readonly bigint[]): RingVector;
  /** Representatives in [0, 2^k). */
  toBigInts(x: RingVector): bigint[];
  /** Representatives in [−2^(k−1), 2^(k−1)). */
  toSignedBigInts(x: RingVector): bigint[];
  /** `length · bytes` little-endian bytes; a wrong size or a bit above k is a RangeError. */
  fromBytes(bytes: Uint8Array, length: number): RingVector;
  toBytes(x: RingVector): Uint8Array;
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
  addScalar(x: RingVector, value: bigint): RingVector;
  mulScalar(x: RingVector, value: bigint): RingVector;
  /** The product of an m×k and a k×n matrix. */
  matmul(x: RingVector, y: RingVector, m: number, k: number, n: number, options?: MatmulOptions): RingVector;
  sum(x: RingVector): bigint;
  shiftLeft(x: RingVector, bits: number): RingVector;
  /** Logical: zeros come in from above. */
  shiftRight(x: RingVector, bits: number): RingVector;
  /** Arithmetic: the sign comes in from above. */
  shiftRightSigned(x: RingVector, bits: number): RingVector;
  /** Element i of the result is `x[indices[i]]`; broadcasting, slicing and transposing are gathers. */
  gather(x: RingVector, indices: Int32Array): RingVector;
  /** Adds `x[i]` to element `indices[i]` of a zero vector; the transpose of `gather`, sums over axes are this. */
  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector;
  equals(x: RingVector, y: RingVector): boolean;
}

/** Throws unless x is from this ring, or from one with the same k and implementation. */
export function requireRing(ring: Ring, ...vectors: readonly RingVector[]): void {
  for (const x of vectors) {
    if (x.ring !== ring && (x.ring.bits !== ring.bits || x.ring.name !== ring.name)) {
      throw new TypeError(
        `a vector of the ${x.ring.name} ring mod 2^${x.ring.bits} was used in the ${ring.name} ring mod 2^${ring.bits}`,
      );
    }
  }
}

export function requireSameLength(x: RingVector, y: RingVector): void {
  if (x.length !== y.length)
    throw new RangeError(`vectors of lengths ${x.length} and ${y.length} do not match`);
}

/** Checks the three lengths of a matrix product. */
export function requireMatmul(x: RingVector, y: RingVector, m: number, k: number, n: number): void {
  if (x.length !== m * k || y.length !== k * n) {
    throw new RangeError(
      `vectors of lengths ${x.length} and ${y.length} are no ${m}×${k} and ${k}×${n} matrices`,
    );
  }
}
