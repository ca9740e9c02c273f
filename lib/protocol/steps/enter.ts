import { enter as authenticated } from "../authenticated/enter";
import { fromWords } from "../plain/values";
import { defineStep } from "../step";

/**
 * Authenticate a classic share: the secret is the sum mod 2^64 of both parties' inputs. Additive shares do not need it.
 */
export const enter = defineStep({ authenticated, plain: (_, [words]) => fromWords(words) });
