import type { Capabilities } from "../preprocessing/producer";
import type { SchemeName } from "./scheme";

/** Return true if a session's correlated randomness serves comparisons in its scheme. */
export function canCompare(scheme: SchemeName, { comparison }: Capabilities): boolean {
  if (scheme === "plain") return true;
  const withMacs = comparison === "private" || comparison === "digits";
  return comparison !== undefined && withMacs === (scheme === "authenticated");
}
