import type { OperationLink } from "../channel/operation-link";
import type { Reservation } from "../preprocessing/pool/pool";
import type { Ring } from "../ring";
import type { OperationContext as MaliciousContext } from "./authenticated/session";
import type { MatrixProduct } from "./matrix-masks";
import type { Scheme } from "./scheme";

/** What a protocol needs to run one operation; nothing is global. */
export interface OperationContext {
  readonly ring: Ring;
  /** The operation's messages. */
  readonly online: OperationLink;
  /** How secrets are shared in this session. */
  readonly scheme: Scheme;
  /** Where shares have no MACs: the randomness of this operation. */
  readonly items?: Reservation;
  /** Where shares are authenticated: the randomness and the openings of this operation. */
  readonly authenticated?: MaliciousContext;
  /** Where the operation multiplies matrices by masks of whole matrices. */
  readonly product?: MatrixProduct | undefined;
}
