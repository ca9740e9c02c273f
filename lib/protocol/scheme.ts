import type { Party } from "../channel/channel";
import type { Ring, RingVector } from "../ring";
import type { MatrixFactors } from "./matrix-masks";
import type { Protocol } from "./protocol";

declare const opaque: unique symbol;

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
export interface Scheme<S = Share, C = Context> {
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
  readonly protocols: Protocols<S, C>;
}

export interface Length {
  readonly length: number;
}

/** The steps that take messages or correlated randomness, in each scheme. */
export interface Protocols<S = Share, C = Context> {
  /**
   * Takes in a classic share: the secret is the sum mod 2^64 of what both parties pass. Absent where a classic share is
   * what the scheme itself holds.
   */
  readonly enter?: Protocol<C, Length, [words: RingVector], S>;
  /** Shares values mod 2^64 that one party, the owner, knows and alone can choose. The other party passes undefined. */
  readonly input: Protocol<C, Length & { readonly owner: Party }, [values: RingVector | undefined], S>;
  /** x · y, element by element. */
  readonly multiply: Protocol<C, Length, [x: S, y: S], S>;
  /** x², element by element. */
  readonly square: Protocol<C, Length, [x: S], S>;
  /** The product of an m×k and a k×n matrix. */
  readonly matmul: Protocol<C, MatrixFactors, [x: S, y: S], S>;
  /** x >> bits, or one more, for |x| < 2^62; `bits` from 1 to 62. */
  readonly truncate: Protocol<C, Length & { readonly bits: number }, [x: S], S>;
  /** Opens x to both parties, mod 2^64, checked as far as the scheme can check. */
  readonly reveal: Protocol<C, Length, [x: S], RingVector>;
  /** Opens x to one party alone, checked likewise; undefined at the other. */
  readonly revealTo: Protocol<C, Length & { readonly to: Party }, [x: S], RingVector | undefined>;
  /**
   * Waits until everything that this party has opened is checked, before so many classic shares leave. The caller sends
   * them, in one round.
   */
  readonly release: Protocol<C, Length, [], void>;
}
