import { input as additive } from "../additive/input";
import { input as authenticated } from "../authenticated/input";
import { fromWords } from "../plain/values";
import { defineStep } from "../step";

/** Share values mod 2^64 of one party, the owner, which alone chooses them. The other party passes undefined. */
export const input = defineStep({
  additive,
  authenticated,
  plain: (_, [values]) => fromWords(values!),
});
