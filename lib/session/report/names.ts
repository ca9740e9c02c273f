import { definitionOf } from "../../preprocessing/kinds/kinds";

/**
 * The plural of a kind of correlated randomness, for people.
 *
 * @param kind - a kind's key, or its name alone
 */
export function nameOf(kind: string): string {
  return definitionOf(kind).plural;
}
