import type { Planning } from "./planning";

/**
 * A value that the two parties share, by the number that both count for it: each `new SharedVariable`, each input and
 * each result of an operation takes the next one, whatever objects it was made from.
 */
export class Value {
  /**
   * @param number - undefined for one that was only planned
   * @param planning - the plan it belongs to, if it was only planned
   */
  constructor(
    readonly number: number | undefined,
    readonly planning?: Planning,
  ) {}
}
