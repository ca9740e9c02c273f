import { compare as additive } from "../additive/compare";
import { defineStep } from "../step";

/**
 * Compare x, as a signed 64-bit integer, with zero: shares of the integer 1 where it is below zero, or where it is zero, and
 * of 0 elsewhere. Exact for every x. Not available on shares with MACs yet.
 */
export const compare = defineStep({
  additive,
  missing: {
    authenticated:
      'secrets cannot be compared with malicious security yet. Start the session with `{ security: "semi-honest" }` on ' +
      "both sides, if you trust the other party to follow the protocol",
  },
});
