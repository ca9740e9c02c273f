import * as additive from "../additive/compare";
import { byItems } from "../authenticated/by-items";
import * as byBits from "../authenticated/compare";
import * as byDigits from "../authenticated/compare-digits";
import * as plain from "../plain/compare";
import { defineStep } from "../step";

/**
 * Compare x, as a signed 64-bit integer, with zero: shares of the integer 1 where it is below zero, or where it is zero, and
 * of 0 elsewhere. Exact for every x.
 */
export const compare = defineStep({
  additive: additive.compare,
  authenticated: byItems(byBits.compare, byDigits.compare),
  plain: plain.compare,
});

/** The same, with the product of each result and y: the results, then the products. */
export const select = defineStep({
  additive: additive.select,
  authenticated: byItems(byBits.select, byDigits.select),
  plain: plain.select,
});
