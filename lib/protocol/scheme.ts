import type { Party } from "../channel/channel";
import type { RingVector } from "../ring";
import type { OperationContext } from "./context";

/**
 * A way to share secrets and to compute on them, S being what one party holds of one shared vector. The session
 * and all above it know only this interface; the security mode decides which scheme is behind it.
 *
 * Vectors of plain integers, public or this party's own, are mod 2^64.
 */
export interface Scheme<S = unknown> {
  /**
   * Takes in a classic share: the secret is the sum mod 2^64 of what both parties pass. Absent where a classic share
   * is what the scheme itself holds.
   */
  enter?(ctx: OperationContext, words: RingVector): Promise<S>;
  /**
   * Shares values that one party knows and alone can choose; 1 message of 8 bytes for each value.
   *
   * @param values - mod 2^64, at the owner only
   */
  input(ctx: OperationContext, owner: Party, length: number, values?: RingVector): Promise<S>;
  /**
   * Waits until nothing that this party has opened is unchecked: call it before a classic share leaves. Absent where
   * nothing is checked.
   */
  release?(ctx: OperationContext): Promise<void>;
  /** This party's share as a classic one: both parties' words add up to the secret mod 2^64. */
  words(x: S): RingVector;

  add(x: S, y: S): S;
  sub(x: S, y: S): S;
  neg(x: S): S;
  shiftLeft(x: S, bits: number): S;
  gather(x: S, indices: Int32Array): S;
  scatterAdd(x: S, indices: Int32Array, length: number): S;
  addPublic(ctx: OperationContext, x: S, c: RingVector): S | Promise<S>;
  /** Element by element. */
  mulPublic(x: S, c: RingVector): S;
  /** The product with a public m×k or k×n matrix on the side given. */
  matmulPublic(x: S, c: RingVector, side: "left" | "right", sizes: MatrixSizes): S;

  /** Element by element; 1 round. */
  multiply(ctx: OperationContext, x: S, y: S): Promise<S>;
  /** The product of an m×k and a k×n matrix; 1 round. */
  matmul(ctx: OperationContext, x: S, y: S, sizes: MatrixSizes): Promise<S>;
  /** x >> bits, or one more, for |x| < 2^62; 1 round. */
  truncate(ctx: OperationContext, x: S, bits: number): Promise<S>;
  /** Opens x to both parties, checked as far as the scheme can check; mod 2^64. */
  reveal(ctx: OperationContext, x: S): Promise<RingVector>;
  /** Opens x to one party alone, checked likewise; undefined at the other. */
  revealTo(ctx: OperationContext, owner: Party, x: S): Promise<RingVector | undefined>;
}

/** What an operation takes of correlated randomness, in elements; both parties tell it alike when they issue it. */
export interface Work {
  /** Classic shares that enter the scheme. */
  readonly enters?: number;
  /** Values that one party shares. */
  readonly inputs?: { readonly owner: Party; readonly length: number };
  readonly products?: number;
  /** The product of two matrices; `left` and `right` stand for them, the same object for the same matrix. */
  readonly matmul?: { readonly sizes: MatrixSizes; readonly left: object; readonly right: object };
  readonly truncations?: number;
  /** How many bits they cut off. */
  readonly bits?: number;
  readonly reveals?: number;
  /** The only party they are revealed to; both, if absent. */
  readonly to?: Party;
  /** Elements of classic shares that the parties exchange. */
  readonly swaps?: number;
}

/** m, k and n of the product of an m×k and a k×n matrix. */
export type MatrixSizes = readonly [m: number, k: number, n: number];
