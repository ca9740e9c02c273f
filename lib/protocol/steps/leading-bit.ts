import { leadingBit as additive } from "../additive/leading-bit";
import { byItems } from "../authenticated/by-items";
import { leadingBit as byBits } from "../authenticated/leading-bit";
import { leadingBit as byDigits } from "../authenticated/leading-bit-digits";
import { leadingBit as plain } from "../plain/leading-bit";
import { defineStep } from "../step";

/** Mark the highest bit of x, by places. */
export const leadingBit = defineStep({
  additive,
  authenticated: byItems(byBits, byDigits),
  plain,
});
