import * as additive from "../additive/binary";
import { defineStep } from "../step";
import { missing } from "./compare";

/** Turn shares of integers mod 2^64 into words of their bits, in XOR shares. Not available on shares with MACs yet. */
export const toBinary = defineStep({ additive: additive.toBinary, missing });

/** Compute x AND y, bit by bit. */
export const and = defineStep({ additive: additive.and, missing });

/** Turn words into shares of their bits as integers: 64 for each word, the lowest first. */
export const bitsOf = defineStep({ additive: additive.bitsOf, missing });

/** Turn words into shares of the integers that they are. */
export const fromBinary = defineStep({ additive: additive.fromBinary, missing });
