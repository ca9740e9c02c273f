import type { OperationLink } from "../../channel/operation-link";
import type { Reservation } from "../../preprocessing/pool/pool";
import type { MacKey } from "../../sharing/authenticated";
import type { OpeningLog } from "../../sharing/opening";

/** What a protocol on authenticated shares needs to run within one operation; nothing is global. */
export interface AuthenticatedContext {
  readonly link: OperationLink;
  readonly key: MacKey;
  /** Everything opened in this operation, for the MAC check. */
  readonly log: OpeningLog;
  /** The correlated randomness that was reserved when the operation was issued. */
  readonly items: Reservation;
}
