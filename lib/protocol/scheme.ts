import type { Party } from "../channel/channel";
import type { Ring, RingVector } from "../ring";

declare const opaque: unique symbol;

/** The kinds of shares: `additive` without MACs, `authenticated` with them, and `plain`, values in the clear. */
export type SchemeName = "additive" | "authenticated" | "plain";

/** One party's share of a vector. Only the session's scheme looks inside. */
export interface Share {
  readonly [opaque]: "share";
}

/** The context of a scheme's protocols. Only the scheme looks inside. */
export interface Context {
  readonly [opaque]: "context";
}

/**
 * A way to share secrets and to compute on them. The session and all layers above it know only this interface; the
 * security mode decides which scheme is behind it.
 *
 * Vectors of plain integers, public or this party's own, are mod 2^64.
 */
export interface Scheme<S = Share> {
  /** Selects the protocol of each step. */
  readonly name: SchemeName;
  /**
   * Apply a map that is linear in the shares, also to their MACs if they have any.
   *
   * @param map - gets a vector for each share; use `lift` for public factors in it
   */
  linear(shares: readonly S[], map: (ring: Ring, vectors: readonly RingVector[]) => RingVector): S;
  /** Convert public words to elements of the shares' ring. */
  lift(words: RingVector): RingVector;
  /** Shares of zeros, which both parties hold without a message. */
  zeros(length: number): S;
  /** Compute x + c for public c. */
  addPublic(party: Party, x: S, c: RingVector): S | Promise<S>;
  /** Return this party's share as a classic one: both parties' words add up to the secret mod 2^64. */
  words(x: S): RingVector;
  /** The bytes of each element of a share. */
  readonly elementBytes: number;
  /** Return this party's share with its MACs, if it has any, as bytes to seal and keep. */
  toBytes(x: S): Uint8Array;
  /** Read the share of so many elements from its bytes. */
  fromBytes(bytes: Uint8Array, length: number): S;
}
