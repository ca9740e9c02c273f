import type { Party } from "../../channel/channel";
import type { Ring, RingVector } from "../../ring";

/** Exact values before a truncation, and the bits that it cuts off. */
export interface Cut {
  readonly before: RingVector;
  readonly bits: number;
}

/** The context of a step in the clear. */
export interface PlainContext {
  /** Z_2^128, which holds the exact values of one operation. */
  readonly ring: Ring;
  /** The party whose notebook runs. */
  readonly party: Party;
  /** Report a truncation. */
  cut(cut: Cut): void;
}

/**
 * The meaning of a step in the clear: a function of the values themselves, which are exact within an operation.
 *
 * @param inputs - the step's inputs, values in place of shares
 */
export type PlainStep<Sizes, In extends readonly unknown[], Out> = (
  ctx: PlainContext,
  inputs: In,
  sizes: Sizes,
) => Out;
