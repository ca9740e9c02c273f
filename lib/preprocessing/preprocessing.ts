import type { OperationLink } from "../channel/operation-link";
import type { ByteSource, Ring, RingVector } from "../ring";

/** This party's shares of random a, b and of their product c; for matrices, the matrix product. Used once. */
export interface Triple {
  readonly a: RingVector;
  readonly b: RingVector;
  readonly c: RingVector;
}

/** This party's shares of a uniform r, of r >> f as an unsigned number, and of the top bit of r. Used once. */
export interface TruncationMask {
  readonly r: RingVector;
  readonly shifted: RingVector;
  readonly msb: RingVector;
}

/** What producing correlated randomness for one operation takes. */
export interface PreprocessingContext {
  readonly ring: Ring;
  /** The operation's messages that prepare it, apart from those that compute it. */
  readonly background: OperationLink;
  /** Secret randomness of this party alone. */
  readonly random: ByteSource;
}

/**
 * A source of correlated randomness. Both parties ask for the same items in the same order within an operation,
 * and every item is fresh: nothing is handed out twice.
 */
export interface Preprocessing {
  /** As the handshake compares it and messages name it. */
  readonly name: string;
  /** Triples for an element-wise product of that length. */
  triple(ctx: PreprocessingContext, length: number): Promise<Triple>;
  /** One triple of an m×k and a k×n matrix. */
  matmulTriple(ctx: PreprocessingContext, m: number, k: number, n: number): Promise<Triple>;
  /** Masks that cut off `bits` low bits. */
  truncationMask(ctx: PreprocessingContext, length: number, bits: number): Promise<TruncationMask>;
}
