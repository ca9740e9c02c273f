import type { OperationLink } from "../channel/operation-link";
import type { Preprocessing, PreprocessingContext } from "../preprocessing/preprocessing";
import type { OperationContext as MaliciousContext } from "./authenticated/session";
import type { Scheme } from "./scheme";

/** What a protocol needs to run one operation; nothing is global. */
export interface OperationContext extends PreprocessingContext {
  /** The operation's messages that compute it. */
  readonly online: OperationLink;
  /** Absent where shares are authenticated: no operation may fall back to a dealer there. */
  readonly preprocessing?: Preprocessing;
  /** Where shares are authenticated: the randomness and the openings of this operation. */
  readonly authenticated?: MaliciousContext;
  /** How secrets are shared in this session. */
  readonly scheme: Scheme;
}
