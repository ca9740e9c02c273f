import { defineKind } from "./kind";

/**
 * For the products of bits, 64 at a time: words of uniform bits a, b and c, and of a AND b and a AND c, all in XOR shares. The
 * factor a is common to both products.
 */
export const ands = defineKind({
  name: "ands",
  plural: "bit triples",
  fields: 5,
  dealing: {
    drawn: 3,
    binary: [0, 1, 2, 3, 4],
    derive: ([a, b, c]) => [a!.ring.and(a!, b!), a!.ring.and(a!, c!)],
  },
});
