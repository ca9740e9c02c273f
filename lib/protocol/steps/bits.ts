import * as additive from "../additive/bits";
import * as byBits from "../authenticated/bits";
import * as byDigits from "../authenticated/bits-digits";
import { byItems } from "../authenticated/by-items";
import * as plain from "../plain/bits";
import { defineStep } from "../step";

/** Compute the low bits of x mod 2^64, as integers: `width` of them for each number, the lowest first. */
export const bits = defineStep({
  additive: additive.bits,
  authenticated: byItems(byBits.bits, byDigits.bits),
  plain: plain.bits,
});

/** Compute x AND y of signed 64-bit integers, bit by bit. */
export const bitwiseAnd = defineStep({
  additive: additive.bitwiseAnd,
  authenticated: byItems(byBits.bitwiseAnd, byDigits.bitwiseAnd),
  plain: plain.bitwiseAnd,
});
