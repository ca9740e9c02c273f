import type { OperationLink } from "../channel/operation-link";
import type { Preprocessing, PreprocessingContext } from "../preprocessing/preprocessing";

/** What a protocol needs to run one operation; nothing is global. */
export interface OperationContext extends PreprocessingContext {
  /** The operation's messages that compute it. */
  readonly online: OperationLink;
  readonly preprocessing: Preprocessing;
}
