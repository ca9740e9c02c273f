import { addNeeds, kindsOf, type Needs, partsOf } from "../preprocessing/kinds/kinds";

/** What a step on shares takes. It follows from public sizes alone, so both parties reserve alike. */
export interface Demand {
  /** Correlated randomness: items of each kind, at most. */
  readonly items: Needs;
  /** Rounds, one after another. */
  readonly rounds: number;
  /** Bytes that a party sends in them, at most. */
  readonly bytes: number;
  /** Elements that are opened now and checked later. Default: 0. */
  readonly openings?: number;
  /** A value or a share leaves unmasked, so everything that was opened before is checked first. Default: false. */
  readonly releases?: boolean;
}

/** Nothing: what is done with local shares alone. */
export const NO_DEMAND: Demand = { items: {}, rounds: 0, bytes: 0 };

/** The demand of several steps, one after another. */
export function addDemands(...demands: readonly Demand[]): Demand {
  if (demands.length === 1) return demands[0]!;
  let [rounds, bytes, openings, releases] = [0, 0, 0, false];
  for (const demand of demands) {
    rounds += demand.rounds;
    bytes += demand.bytes;
    openings += demand.openings ?? 0;
    releases ||= demand.releases ?? false;
  }
  return { items: addNeeds(...demands.map(({ items }) => items)), rounds, bytes, openings, releases };
}

/** Products of secrets that items are for, squares included; the product of two whole matrices counts as one. */
export function productsOf(items: Needs): number {
  let count = 0;
  for (const kind of kindsOf(items)) {
    const each = items[kind] ?? 0;
    if (kind === "triple" || kind === "square") count += each;
    else if (each > 0 && partsOf(kind).name === "product") count += each;
  }
  return count;
}
