import { defineKind } from "./kind";

/** The fields of a `selection`, in order. */
export const SELECTION = { bit: 0, r: 1, mask: 2, product: 3 } as const;

/**
 * For the product of a bit and a number: words whose lowest bits are XOR shares of a random bit d, a uniform r, and shares of
 * d as an integer and of d·r.
 */
export const selection = defineKind({
  name: "selection",
  plural: "selections",
  fields: 4,
  dealing: {
    drawn: 2,
    binary: [SELECTION.bit],
    derive([bits, r]) {
      const d = bits!.ring.andScalar(bits!, 1n);
      return [d, d.ring.mul(d, r!)];
    },
  },
});
