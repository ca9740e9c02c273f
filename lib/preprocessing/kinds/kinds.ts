/** Kinds of correlated randomness that come in batches, in the order in which a reservation plans them. */
export const KINDS = ["triple", "square", "input0", "input1", "random", "mask", "wrap"] as const;

/**
 * A kind of correlated randomness, by name:
 *
 * - `triple`: a, b and a·b; `square`: r and r²; `random`: a uniform value
 * - `input0`, `input1`: a uniform value that only the party of that number knows
 * - `mask`: 64 random bits, for truncation
 * - `wrap`: a random bit that only this party knows, and a share of the product of both parties' bits
 * - `truncation F`: r, r >> F and the top bit of r
 * - `matrix ID LENGTH`: the uniform mask of one matrix
 * - `product LEFT RIGHT M K N NUMBER`: the matrix product of the M×K mask LEFT and the K×N mask RIGHT
 */
export type Kind =
  | (typeof KINDS)[number]
  | `truncation ${number}`
  | `matrix ${number} ${number}`
  | `product ${number} ${number} ${number} ${number} ${number} ${number}`;

/** Bits of a truncation mask. */
export const MASK_BITS = 64;

/** Vectors of an item, by the name of its kind. A map, for names come from the other party, too. */
const FIELDS: ReadonlyMap<string, number> = new Map([
  ["triple", 3],
  ["square", 2],
  ["input0", 1],
  ["input1", 1],
  ["random", 1],
  ["mask", 1],
  ["wrap", 2],
  ["truncation", 3],
  ["matrix", 1],
  ["product", 1],
]);

/** What a kind's name says. */
export interface KindParts {
  readonly name: string;
  /** The numbers behind the name. */
  readonly numbers: readonly number[];
  /** Vectors of one item, and elements of each. */
  readonly fields: number;
  readonly width: number;
  /** There is one item of it, ever. */
  readonly single: boolean;
}

export function partsOf(kind: Kind): KindParts {
  const [name, ...rest] = kind.split(" ") as [string, ...string[]];
  const numbers = rest.map(Number);
  const fields = FIELDS.get(name);
  if (fields === undefined) throw new TypeError(`there is no correlated randomness of the kind "${name}"`);
  const single = name === "matrix" || name === "product";
  return { name, numbers, fields, width: widthOf(name, numbers), single };
}

function widthOf(name: string, numbers: readonly number[]): number {
  if (name === "mask") return MASK_BITS;
  if (name === "matrix") return numbers[1]!;
  if (name === "product") return numbers[2]! * numbers[4]!;
  return 1;
}

/** How many items of each kind an operation takes at most. */
export type Needs = { readonly [kind in Kind]?: number };

/** The kinds in question, in the order in which both parties plan them. */
export function kindsOf(needs: Needs): Kind[] {
  const asked = Object.keys(needs) as Kind[];
  const known = KINDS.filter((kind) => kind in needs);
  return [...known, ...asked.filter((kind) => !(KINDS as readonly string[]).includes(kind))];
}

/** The needs of several operations together. */
export function addNeeds(...all: readonly Needs[]): Needs {
  const sum: Record<string, number> = {};
  for (const needs of all)
    for (const [kind, count] of Object.entries(needs)) sum[kind] = (sum[kind] ?? 0) + (count ?? 0);
  return sum as Needs;
}
