import { defineKind } from "./kind";

/** A random bit: a word whose lowest bit is an XOR share of it, and a share of it as an integer. */
export const bit = defineKind({
  name: "bit",
  plural: "random bits",
  fields: 2,
  dealing: { drawn: 1, binary: [0], derive: ([words]) => [words!.ring.andScalar(words!, 1n)] },
});
