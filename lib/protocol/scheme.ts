import type { Party } from "../channel/channel";
import type { Ring, RingVector } from "../ring";

declare const opaque: unique symbol;

/** How shares are held: without MACs, or with them. */
export type SchemeName = "additive" | "authenticated";

/** What one party holds of one shared vector. Only the session's scheme looks inside. */
export interface Share {
  readonly [opaque]: "share";
}

/** What the protocols of a scheme run with. Only the scheme looks inside. */
export interface Context {
  readonly [opaque]: "context";
}

/**
 * A way to share secrets and to compute on them. The session and all above it know only this interface; the security
 * mode decides which scheme is behind it.
 *
 * Vectors of plain integers, public or this party's own, are mod 2^64.
 */
export interface Scheme<S = Share> {
  /** Which of a step's protocols it takes. */
  readonly name: SchemeName;
  /**
   * Any map that is linear in the shares. Both halves of a share with a MAC undergo the same.
   *
   * @param map - gets a vector for each share; public factors in it come from `lift`
   */
  linear(shares: readonly S[], map: (ring: Ring, vectors: readonly RingVector[]) => RingVector): S;
  /** Public words as elements of the ring that shares live in. */
  lift(words: RingVector): RingVector;
  /** x + c for public c. */
  addPublic(party: Party, x: S, c: RingVector): S | Promise<S>;
  /** This party's share as a classic one: both parties' words add up to the secret mod 2^64. */
  words(x: S): RingVector;
}
