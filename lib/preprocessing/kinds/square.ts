import { defineKind } from "./kind";

/** A uniform r, and r². */
export const square = defineKind({
  name: "square",
  plural: "squares",
  fields: 2,
  dealing: { drawn: 1, derive: ([r]) => [r!.ring.mul(r!, r!)] },
});
