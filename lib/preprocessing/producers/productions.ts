import { maliciousProduction } from "../malicious/production";
import type { Production } from "../production";
import { semiHonestProduction } from "../semi-honest/production";

/** The methods that a thread of its own can be told to run. */
export const PRODUCTIONS = {
  malicious: maliciousProduction(),
  "semi-honest": semiHonestProduction(),
} as const satisfies Record<string, Production>;

export type ProductionName = keyof typeof PRODUCTIONS;
