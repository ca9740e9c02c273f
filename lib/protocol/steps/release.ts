import { release as additive } from "../additive/release";
import { release as authenticated } from "../authenticated/reveal";
import { defineStep } from "../step";

/**
 * Waits until everything that this party has opened is checked, before so many classic shares leave. The caller sends
 * them, in one round.
 */
export const release = defineStep({ additive, authenticated });
