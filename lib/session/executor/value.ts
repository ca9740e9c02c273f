import type { Source } from "../../tensor/origin";

/** A plan, which only counts operations; its values belong to no session. */
export interface Counting {
  /** True once the plan has ended; its values can no longer be used. */
  readonly over: boolean;
  /** The origin of words that were opened within the plan: zeros, which are refused once it has ended. */
  readonly source: Source;
}

/**
 * A value that the two parties share, identified by a number that both count alike: each `new SharedVariable`, each input
 * and each result of an operation takes the next number, whatever objects it was made from.
 */
export class Value {
  /**
   * @param number - undefined for a value of a plan
   * @param counting - the plan, for a value of a plan
   */
  constructor(
    readonly number: number | undefined,
    readonly counting?: Counting,
  ) {}
}
