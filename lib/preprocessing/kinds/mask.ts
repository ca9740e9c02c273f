import { defineKind } from "./kind";

/** Bits of a truncation mask. */
export const MASK_BITS = 64;

/** The bits of a uniform 64-bit value, one an element, for truncation. */
export const mask = defineKind({
  name: "mask",
  plural: "truncation masks",
  fields: 1,
  width: () => MASK_BITS,
});
