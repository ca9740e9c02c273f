import { definitionOf } from "../../preprocessing/kinds/kinds";

/**
 * Return the plural of a kind of correlated randomness, for users.
 *
 * @param kind - a kind's key, or its name alone
 */
export function nameOf(kind: string): string {
  return definitionOf(kind).plural;
}
