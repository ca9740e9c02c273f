import type { Party } from "../../channel/channel";
import type { RingVector } from "../../ring";
import type { ShareLayout } from "./raw";

/** One of the numbers in a kind's key, such as the bits that a truncation cuts off. */
export interface KindParameter {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/** No parameter is greater, so that sums with it stay exact. */
export const MOST_PARAMETER = 10 ** 15 - 1;

/** The largest matrix product, or single matrix, that an item belongs to. */
export interface MatrixExtent {
  /** Elements of each matrix. */
  readonly elements: readonly number[];
  /** Products of numbers. Default: none are computed. */
  readonly products?: number;
}

/** The matrix product of two masks: `rows`×`inner` times `inner`×`columns`. */
export interface MaskProduct {
  /** The keys of both masks. */
  readonly left: string;
  readonly right: string;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** How a dealer makes items from the seeds of both parties. */
export interface DealingRule {
  /** How many of the fields are uniform, the first ones. The other fields follow from them. */
  readonly drawn: number;
  /** The party that draws the uniform fields alone. Default: both draw, and their parts add up. */
  readonly owner?: Party;
  /**
   * The fields whose shares are XORed instead of added. Such shares have no MACs, so a dealer makes the kind only for
   * sessions without MACs. Default: none.
   */
  readonly binary?: readonly number[];
  /** Compute the fields that follow from the uniform ones. Default: none does. */
  derive?(drawn: readonly RingVector[], parameters: readonly number[]): RingVector[];
  /** The only field is the product of two masks, laid out as that matrix. Default: a field is one row of elements. */
  product?(parameters: readonly number[]): MaskProduct;
}

/** Everything that is the same about a kind of correlated randomness, whichever production makes it. */
export interface KindDefinition<
  Name extends string = string,
  Parameters extends readonly KindParameter[] = readonly KindParameter[],
> {
  readonly name: Name;
  /** The plural, for people. */
  readonly plural: string;
  /** The numbers that follow the name in a key. */
  readonly parameters: Parameters;
  /** Vectors of one item. */
  readonly fields: number;
  /** Elements in each vector of one item. Default: 1. */
  width?(parameters: readonly number[]): number;
  /** Bytes of one item in each field, where items are not vectors of shares. Default: `width` shares a field. */
  readonly packed?: readonly ShareLayout[];
  /** There is only one item of each key, ever. Default: false. */
  readonly single?: boolean;
  /** The matrices that an item stands for, where a dealer limits their size. Default: none. */
  extent?(parameters: readonly number[]): MatrixExtent;
  /** Default: no dealer makes this kind. */
  readonly dealing?: DealingRule;
}

/** A kind's key as a type: its name and one number for each parameter. */
export type KeyOf<Definition> =
  Definition extends KindDefinition<infer Name, infer Parameters> ? AppendNumbers<Name, Parameters> : never;

type AppendNumbers<Key extends string, Parameters extends readonly unknown[]> = Parameters extends readonly [
  unknown,
  ...infer Rest,
]
  ? AppendNumbers<`${Key} ${number}`, Rest>
  : Key;

/** Define a kind, keeping its name and its number of parameters as types. */
export function defineKind<
  const Name extends string,
  const Parameters extends readonly KindParameter[] = readonly [],
>(
  kind: Omit<KindDefinition<Name, Parameters>, "parameters"> & { readonly parameters?: Parameters },
): KindDefinition<Name, Parameters> {
  return { parameters: [] as unknown as Parameters, ...kind };
}
