import { leadingBit as additive } from "../additive/leading-bit";
import { leadingBit as authenticated } from "../authenticated/leading-bit";
import { leadingBit as plain } from "../plain/leading-bit";
import { defineStep } from "../step";

/** Mark the highest bit of x, by places. */
export const leadingBit = defineStep({ additive, authenticated, plain });
