import { square as additive } from "../additive/square";
import { square as authenticated } from "../authenticated/square";
import { defineStep } from "../step";

/** Compute x², element by element. */
export const square = defineStep({ additive, authenticated, plain: ({ ring }, [x]) => ring.mul(x, x) });
