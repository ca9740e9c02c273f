import { truncate as additive } from "../additive/truncate";
import { truncate as authenticated } from "../authenticated/truncate";
import { truncate as truncated } from "../plain/truncate";
import { defineStep } from "../step";

/** Compute x >> bits, or one more, for |x| < 2^62; `bits` from 1 to 62. */
export const truncate = defineStep({ additive, authenticated, plain: truncated });
