import type { DesyncError, SavedError } from "../../errors";

/**
 * Returned instead of a result: the operation completed, and its messages show that the parties passed different
 * things, or that one of them could not do its part.
 */
export class Disagreement {
  constructor(readonly error: DesyncError | SavedError) {}
}
