import * as additive from "../additive/binary";
import * as plain from "../plain/binary";
import { defineStep } from "../step";

/** Tells users why a step is missing, and what to do. */
const missing = {
  authenticated:
    "secrets cannot be split into bits with malicious security yet, which is the default. Start the session with " +
    '`{ security: "semi-honest" }` on both sides, if you trust the other party to follow the protocol',
};

/** Turn shares of integers mod 2^64 into words of their bits, in XOR shares. Not available on shares with MACs yet. */
export const toBinary = defineStep({ additive: additive.toBinary, missing, plain: plain.toBinary });

/** Compute x AND y, bit by bit. */
export const and = defineStep({ additive: additive.and, missing, plain: plain.and });

/** Turn words into shares of their bits as integers: 64 for each word, the lowest first. */
export const bitsOf = defineStep({ additive: additive.bitsOf, missing, plain: plain.bitsOf });

/** Turn words into shares of the integers that they are. */
export const fromBinary = defineStep({ additive: additive.fromBinary, missing, plain: plain.fromBinary });
