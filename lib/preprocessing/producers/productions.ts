import { maliciousMethod } from "../malicious/production";
import type { Method } from "../production";
import { semiHonestMethod } from "../semi-honest/production";

/** The methods that a thread of its own can be told to run. */
export const METHODS = {
  malicious: maliciousMethod(),
  "semi-honest": semiHonestMethod(),
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;
