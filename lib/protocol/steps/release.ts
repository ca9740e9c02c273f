import { release as additive } from "../additive/release";
import { release as authenticated } from "../authenticated/reveal";
import { defineStep } from "../step";

/**
 * Wait until everything that this party has opened is checked, before so many classic shares are sent. The caller sends
 * them, in one round.
 */
export const release = defineStep({ additive, authenticated, plain: () => undefined });
