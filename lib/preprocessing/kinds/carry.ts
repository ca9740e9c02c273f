import { defineKind } from "./kind";

/** Words of a `carry`. */
export const CARRY_WORDS = 6;

/**
 * For the comparison of a private word of each party: this party's choices and pads in random transfers of 8 digits, its
 * tables in those of the other 8, and its shares of products of bits. Each party's words differ in meaning; see
 * preprocessing/wasm/assembly/carry.ts.
 */
export const carry = defineKind({
  name: "carry",
  plural: "comparisons",
  fields: 1,
  width: () => CARRY_WORDS,
});
