import type { OperationLink } from "../channel/operation-link";
import type { Preprocessing, PreprocessingContext } from "../preprocessing/preprocessing";
import type { Scheme } from "./scheme";

/** What a protocol needs to run one operation; nothing is global. */
export interface OperationContext extends PreprocessingContext {
  /** The operation's messages that compute it. */
  readonly online: OperationLink;
  readonly preprocessing: Preprocessing;
  /** How secrets are shared in this session. */
  readonly scheme: Scheme;
}
