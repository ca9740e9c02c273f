import type { Source } from "../../tensor/origin";

/** What only counts operations: a plan. Its values belong to nothing real. */
export interface Counting {
  /** It is over: what it made can be used no more. */
  readonly over: boolean;
  /** Where words come from that were opened within it: zeros, which are refused once it is over. */
  readonly source: Source;
}

/**
 * A value that the two parties share, by the number that both count for it: each `new SharedVariable`, each input and
 * each result of an operation takes the next one, whatever objects it was made from.
 */
export class Value {
  /**
   * @param number - undefined for a value that was only counted
   * @param counting - what counted it
   */
  constructor(
    readonly number: number | undefined,
    readonly counting?: Counting,
  ) {}
}
