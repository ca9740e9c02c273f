import type { DesyncError } from "../../errors";

/**
 * Returned instead of a result: the operation completed, and its messages show that the parties passed different
 * things.
 */
export class Disagreement {
  constructor(readonly error: DesyncError) {}
}
