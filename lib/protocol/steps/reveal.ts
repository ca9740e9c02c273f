import * as additive from "../additive/reveal";
import * as authenticated from "../authenticated/reveal";
import { toWords } from "../plain/values";
import { defineStep } from "../step";

/** Open x to both parties, mod 2^64, checked as far as the scheme can check. */
export const reveal = defineStep({
  additive: additive.reveal,
  authenticated: authenticated.reveal,
  plain: (_, [x]) => toWords(x),
});

/** Open x to one party only, checked likewise; return undefined at the other. */
export const revealTo = defineStep({
  additive: additive.revealTo,
  authenticated: authenticated.revealTo,
  plain: ({ party }, [x], { to }) => (party === to ? toWords(x) : undefined),
});
