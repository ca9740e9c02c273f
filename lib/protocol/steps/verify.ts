import { verify as authenticated } from "../authenticated/verify";
import { defineStep } from "../step";

/** Check the MACs of shares that come from outside the session. Additive shares have none. */
export const verify = defineStep({ authenticated, plain: (_, [x]) => x });
