import { enter as authenticated } from "../authenticated/enter";
import { defineStep } from "../step";

/** Takes in a classic share: the secret is the sum mod 2^64 of what both parties pass. Additive shares need no such step. */
export const enter = defineStep({ authenticated });
