import { multiply as additive } from "../additive/multiply";
import { multiply as authenticated } from "../authenticated/multiply";
import { defineStep } from "../step";

/** Compute x · y, element by element. */
export const multiply = defineStep({
  additive,
  authenticated,
  plain: ({ ring }, [x, y]) => ring.mul(x, y),
});
