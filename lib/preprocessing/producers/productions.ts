import { latticeProduction } from "../lattice/production";
import { maliciousProduction } from "../malicious/production";
import type { Production } from "../production";
import { semiHonestProduction } from "../semi-honest/production";

/** The productions that can run in a thread of their own, by name. */
export const PRODUCTIONS = {
  malicious: maliciousProduction(),
  "semi-honest": semiHonestProduction(),
  lattice: latticeProduction(true),
  "ot-or-lattice": latticeProduction(false),
} as const satisfies Record<string, Production>;

export type ProductionName = keyof typeof PRODUCTIONS;
