import type { Capabilities } from "../preprocessing/producer";
import type { Demand } from "./demand";
import type { MatrixMasks } from "./matrix-masks";

/**
 * The setting that a step's protocol depends on: the producer's capabilities, and the matrices that are already masked.
 */
export interface Setting {
  readonly can: Capabilities;
  readonly masks: MatrixMasks;
}

/**
 * The protocol of a step on shares that needs messages or correlated randomness.
 *
 * @typeParam C - its context: the operation's link and items
 * @typeParam Sizes - public sizes, the same at both parties
 * @typeParam In - its inputs: shares, or this party's own values
 */
export interface Protocol<C, Sizes, In extends readonly unknown[], Out, D extends Demand = Demand> {
  /**
   * Called before the operation takes its number.
   *
   * @throws {RangeError} the sizes are out of range
   */
  check?(sizes: Sizes, can: Capabilities): void;
  /** Return the demand of `run`. Both parties call it in the order of issue. */
  demand(sizes: Sizes, setting: Setting): D;
  /** @param demand - what `demand` returned for this run */
  run(ctx: C, inputs: In, sizes: Sizes, demand: D): Promise<Out>;
  /** Called when the operation failed, or will not run. */
  abort?(demand: D, error: unknown): void;
}

/** The number of elements that a step works on. */
export interface Length {
  readonly length: number;
}
