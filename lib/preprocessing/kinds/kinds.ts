/** Kinds by their keys, as operations, stores and messages name them. */

import { ALL_KINDS, type Kind, type KindName } from "./all";
import type { KindDefinition } from "./kind";
import type { ShareLayout } from "./raw";

export type { Kind, KindName } from "./all";
export { PRIVATE_BITS } from "./private-bits";

/** A kind's key, read. */
export interface KindParts {
  readonly kind: Kind;
  readonly definition: KindDefinition;
  readonly name: KindName;
  /** The parameters behind the name. */
  readonly numbers: readonly number[];
  /** Vectors of one item, and elements of each. */
  readonly fields: number;
  readonly width: number;
  /** There is only one item of this key, ever. */
  readonly single: boolean;
}

/** A map, because names also arrive from the other party. */
const DEFINITIONS: ReadonlyMap<string, KindDefinition> = new Map(ALL_KINDS.map((kind) => [kind.name, kind]));
const NUMBER = /^(0|[1-9]\d{0,14})$/;

/** Parts of keys that were read before. Keys of single items, of which there is no end, are left out. */
const known = new Map<string, KindParts>();
const MOST_KNOWN = 256;

/**
 * Read a key strictly: a known name, then the numbers that the kind takes, each within its bounds and without leading
 * zeros.
 *
 * @throws {TypeError} the key does not have that form
 * @throws {RangeError} a number is out of bounds
 */
export function partsOf(key: string): KindParts {
  const found = known.get(key);
  if (found) return found;
  const parts = parse(key);
  if (!parts.single && known.size < MOST_KNOWN) known.set(key, parts);
  return parts;
}

function parse(key: string): KindParts {
  const [name, ...texts] = key.split(" ") as [string, ...string[]];
  const definition = definitionOf(name);
  const { parameters, fields, single = false } = definition;
  if (texts.length !== parameters.length || !texts.every((text) => NUMBER.test(text)))
    throw new TypeError(
      `"${key}" is not a kind of correlated randomness: "${name}" must be followed by ` +
        (parameters.length === 0 ? "nothing" : `numbers: ${parameters.map((each) => each.name).join(", ")}`),
    );
  const numbers = texts.map(Number);
  for (const [i, { name: what, least, most }] of parameters.entries())
    if (numbers[i]! < least || numbers[i]! > most)
      throw new RangeError(`${name}: ${what} must be from ${least} to ${most}, got ${numbers[i]}`);
  const width = definition.width?.(numbers) ?? 1;
  return { kind: key as Kind, definition, name: name as KindName, numbers, fields, width, single };
}

/**
 * The definition of a kind by its name, or by a key without reading its parameters.
 *
 * @throws {TypeError} there is no kind of that name
 */
export function definitionOf(key: string): KindDefinition {
  const [name] = key.split(" ", 1) as [string];
  const definition = DEFINITIONS.get(name);
  if (definition) return definition;
  const names = [...DEFINITIONS.keys()].join(", ");
  throw new TypeError(`"${name}" is not a kind of correlated randomness; the kinds are ${names}`);
}

/**
 * Return the bytes of one item in each of its fields.
 *
 * @param layout - bytes of a share
 */
export function bytesOfFields(
  { definition, fields, width }: KindParts,
  { value, mac }: ShareLayout,
): readonly ShareLayout[] {
  if (definition.packed) return definition.packed;
  return new Array<ShareLayout>(fields).fill({ value: width * value, mac: width * mac });
}

/** Return the bytes of one item in all of its fields together. */
export function bytesOfItem(parts: KindParts, layout: ShareLayout): number {
  return bytesOfFields(parts, layout).reduce((sum, { value, mac }) => sum + value + mac, 0);
}

/** How many items of each kind an operation takes at most. */
export type Needs = { readonly [kind in Kind]?: number };

const RANKS: ReadonlyMap<string, number> = new Map(ALL_KINDS.map(({ name }, rank) => [name, rank]));
/** Keys with parameters come after all others, in the order in which they were asked for. */
const rankOf = (key: string) => RANKS.get(key) ?? ALL_KINDS.length;

/** The kinds that are asked for, in the order in which both parties plan them. */
export function kindsOf(needs: Needs): Kind[] {
  const kinds = Object.keys(needs) as Kind[];
  return kinds.length < 2 ? kinds : kinds.sort((a, b) => rankOf(a) - rankOf(b));
}

/** Add up the needs of several operations. */
export function addNeeds(...all: readonly Needs[]): Needs {
  const sum: Record<string, number> = {};
  for (const needs of all)
    for (const kind in needs) sum[kind] = (sum[kind] ?? 0) + (needs[kind as Kind] ?? 0);
  return sum as Needs;
}
