import { defineKind } from "./kind";

/** Bits that each party has in an item. */
export const MASK_BITS_EACH = 64;

/**
 * 64 random bits of each party, which it alone knows: in F_2 this party's with their MACs and the keys of the other's, and
 * mod 2^128 the shares of the MACs of this party's and of the other's. For comparisons.
 */
export const maskBits = defineKind({
  name: "maskbits",
  plural: "masks of comparisons",
  fields: 2,
  width: () => MASK_BITS_EACH,
});
