import { addNeeds, type Kind, type Needs, partsOf } from "../preprocessing/kinds/kinds";

/** The demand of a step on shares. It follows from public sizes alone, so both parties reserve alike. */
export interface Demand {
  /** The maximum items of correlated randomness of each kind. */
  readonly items: Needs;
  /** The number of consecutive rounds. */
  readonly rounds: number;
  /** The maximum bytes that a party sends in these rounds. */
  readonly bytes: number;
  /** Elements that are opened now and checked later. Default: 0. */
  readonly openings?: number;
  /** Bits that are opened now and checked later. Default: 0. */
  readonly bits?: number;
  /**
   * How many times a value or a share leaves unmasked. Everything that was opened before is checked first, each time.
   * Default: 0.
   */
  readonly releases?: number;
}

/** The demand of local computation: nothing. */
export const NO_DEMAND: Demand = { items: {}, rounds: 0, bytes: 0 };

/** Add up the demands of consecutive steps. */
export function addDemands(...demands: readonly Demand[]): Demand {
  if (demands.length === 1) return demands[0]!;
  let [rounds, bytes, openings, bits, releases] = [0, 0, 0, 0, 0];
  for (const demand of demands) {
    rounds += demand.rounds;
    bytes += demand.bytes;
    openings += demand.openings ?? 0;
    bits += demand.bits ?? 0;
    releases += demand.releases ?? 0;
  }
  return { items: addNeeds(...demands.map(({ items }) => items)), rounds, bytes, openings, bits, releases };
}

/**
 * Count the products of secrets that items are for, including squares; a product of two whole matrices counts as one.
 */
export function productsOf(items: Needs): number {
  let count = 0;
  for (const key in items) {
    const kind = key as Kind;
    const each = items[kind] ?? 0;
    if (kind === "triple" || kind === "square") count += each;
    else if (each > 0 && partsOf(kind).name === "product") count += each;
  }
  return count;
}
