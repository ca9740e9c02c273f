import { input as additive } from "../additive/input";
import { input as authenticated } from "../authenticated/input";
import { defineStep } from "../step";

/** Shares values mod 2^64 that one party, the owner, knows and alone can choose. The other party passes undefined. */
export const input = defineStep({ additive, authenticated });
