import * as additive from "../additive/compare";
import { defineStep } from "../step";

/** Tells users why a step is missing, and what to do. */
export const missing = {
  authenticated:
    "secrets cannot be compared, nor split into bits, with malicious security yet, which is the default. Start the session with " +
    '`{ security: "semi-honest" }` on both sides, if you trust the other party to follow the protocol',
};

/**
 * Compare x, as a signed 64-bit integer, with zero: shares of the integer 1 where it is below zero, or where it is zero, and
 * of 0 elsewhere. Exact for every x. Not available on shares with MACs yet.
 */
export const compare = defineStep({ additive: additive.compare, missing });

/** The same, with the product of each result and y: the results, then the products. */
export const select = defineStep({ additive: additive.select, missing });
