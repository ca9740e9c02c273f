import type { DesyncError } from "../../errors";

/** In place of a result: the operation came to its end, and its messages show that the parties meant different things. */
export class Disagreement {
  constructor(readonly error: DesyncError) {}
}
