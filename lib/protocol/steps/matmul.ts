import { matmul as additive } from "../additive/matmul";
import { matmul as authenticated } from "../authenticated/matmul";
import { defineStep } from "../step";

/** Multiply an m×k and a k×n matrix. */
export const matmul = defineStep({
  additive,
  authenticated,
  plain: ({ ring }, [x, y], { sizes }) => ring.matmul(x, y, ...sizes),
});
