import type { OperationLink } from "../../channel/operation-link";
import type { Reservation } from "../../preprocessing/pool/pool";
import type { Capabilities } from "../../preprocessing/producer";
import type { RingVector } from "../../ring";
import type { AuthenticatedVector, MacKey } from "../../sharing/authenticated";
import type { OpeningLog } from "../../sharing/opening";
import type { Demand } from "../demand";
import type { Protocol } from "../protocol";

/** What a protocol on authenticated shares runs with, within one operation; nothing is global. */
export interface AuthenticatedContext {
  readonly link: OperationLink;
  readonly key: MacKey;
  /** Everything opened in this operation, for the MAC check. */
  readonly log: OpeningLog;
  /** The correlated randomness that was reserved when the operation was issued. */
  readonly items: Reservation;
  readonly can: Capabilities;
  /** Checks this operation's openings once they have become many. Call it after each step that opens. */
  checkIfMany(): Promise<void>;
  /**
   * Opens to both parties: checks everything opened by operations issued before and by this one, opens, checks the
   * opening, and only then returns. Everything that is opened, and every share of it, waits until no check is unsettled,
   * in whichever thread it runs.
   *
   * @returns the values mod 2^64
   * @throws {CheckError} the other party deviated; nothing was output
   */
  reveal(x: AuthenticatedVector): Promise<RingVector>;
  /**
   * Waits until everything that this party has opened is checked, and no check is unsettled. Call it before something
   * leaves that is not masked by randomness of this operation.
   */
  release(): Promise<void>;
}

/** A step on authenticated shares. */
export type AuthenticatedProtocol<
  Sizes,
  In extends readonly unknown[],
  Out = AuthenticatedVector,
  D extends Demand = Demand,
> = Protocol<AuthenticatedContext, Sizes, In, Out, D>;
