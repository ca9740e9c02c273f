import { defineKind } from "./kind";

/** Uniform a and b, and a·b. */
export const triple = defineKind({
  name: "triple",
  plural: "triples",
  fields: 3,
  dealing: { drawn: 2, derive: ([a, b]) => [a!.ring.mul(a!, b!)] },
});
