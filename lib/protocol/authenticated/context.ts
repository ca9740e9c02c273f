import type { OperationLink } from "../../channel/operation-link";
import type { Reservation } from "../../preprocessing/pool/pool";
import type { Capabilities } from "../../preprocessing/producer";
import type { RingVector } from "../../ring";
import type { AuthenticatedVector, MacKey } from "../../sharing/authenticated";
import type { OpeningLog } from "../../sharing/opening";
import type { Demand } from "../demand";
import type { Protocol } from "../protocol";

/** The context of a protocol on authenticated shares, within one operation; nothing is global. */
export interface AuthenticatedContext {
  readonly link: OperationLink;
  readonly key: MacKey;
  /** The openings of this operation, for the MAC check. */
  readonly log: OpeningLog;
  /** The correlated randomness that was reserved when the operation was issued. */
  readonly items: Reservation;
  readonly can: Capabilities;
  /** Check this operation's openings if there are many. Call it after each step that opens. */
  checkIfMany(): Promise<void>;
  /**
   * Open to both parties: check everything opened by earlier operations and by this one, open, check the opening, and only
   * then return. Every opening, and every share of it, waits until no check is unsettled, in any thread.
   *
   * @returns the values mod 2^64
   * @throws {CheckError} the other party deviated from the protocol; nothing was output
   */
  reveal(x: AuthenticatedVector): Promise<RingVector>;
  /**
   * Wait until everything that this party has opened is checked, and no check is unsettled. Call this before sending
   * anything that is not masked by this operation's randomness.
   */
  release(): Promise<void>;
}

/** The protocol of a step on authenticated shares. */
export type AuthenticatedProtocol<
  Sizes,
  In extends readonly unknown[],
  Out = AuthenticatedVector,
  D extends Demand = Demand,
> = Protocol<AuthenticatedContext, Sizes, In, Out, D>;
