import type { Capabilities } from "../preprocessing/producer";
import type { Demand } from "./demand";
import type { MatrixMasks } from "./matrix-masks";

/** What decides how a step is done: what the producer can make, and which matrices are masked already. */
export interface Setting {
  readonly can: Capabilities;
  readonly masks: MatrixMasks;
}

/**
 * A step on shares that takes messages or correlated randomness.
 *
 * @typeParam C - what it runs with: its operation's link and items
 * @typeParam Sizes - public, the same at both parties
 * @typeParam In - the shares, or this party's own values, that it takes
 */
export interface Protocol<C, Sizes, In extends readonly unknown[], Out, D extends Demand = Demand> {
  /**
   * Called before the operation takes its number.
   *
   * @throws {RangeError} the sizes are beyond what can be done
   */
  check?(sizes: Sizes, can: Capabilities): void;
  /** What `run` takes. Both parties call it in the order of issue. */
  demand(sizes: Sizes, setting: Setting): D;
  /** @param demand - what `demand` returned for this run */
  run(ctx: C, inputs: In, sizes: Sizes, demand: D): Promise<Out>;
  /** The operation failed, or will not run. */
  abort?(demand: D, error: unknown): void;
}

/** How many elements a step works on. */
export interface Length {
  readonly length: number;
}
