import { maliciousMethod } from "./malicious-method";
import type { Method } from "./method";
import { semiHonestMethod } from "./semi-honest/semi-honest-method";

/** The methods that a thread of its own can be told to run. */
export const METHODS = {
  malicious: maliciousMethod(),
  "semi-honest": semiHonestMethod(),
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;
