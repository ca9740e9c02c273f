import { SpdzError } from "../../errors";
import type { Capabilities } from "../../preprocessing/producer";

/**
 * Return the protocol that compares.
 *
 * @throws {SpdzError} `unsupported`: the session's producer makes no items for comparisons and for bits
 */
export function requireComparison({ comparison }: Capabilities): "carry" | "masked" {
  if (comparison === "carry" || comparison === "masked") return comparison;
  throw new SpdzError("unsupported", "this session's producer makes no items for comparisons");
}
