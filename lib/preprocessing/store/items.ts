/** Batches of items and their names. The number of the first item is in the name, so that names sort in that order. */

import { concatBytes } from "../../crypto/bytes";
import { bytesOfFields, type Kind, partsOf } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";

export interface ItemRecord {
  readonly kind: Kind;
  /** The number of the first item in the store. */
  readonly start: number;
  readonly count: number;
  /** The session that made them. */
  readonly tag: string;
}

const NAME = /^items\/([a-z0-9 ]+)\/(\d{16})\/(\d+)\/([\w-]+)$/;

export function itemName({ kind, start, count, tag }: ItemRecord): string {
  return `items/${kind}/${String(start).padStart(16, "0")}/${count}/${tag}`;
}

/**
 * Read the name of a batch.
 *
 * @returns undefined if the name does not have that form or names no kind that is kept
 */
export function readItemName(name: string): ItemRecord | undefined {
  const [, key, start, count, tag] = NAME.exec(name) ?? [];
  const kind = key === undefined ? undefined : readKeptKind(key);
  if (kind === undefined || tag === undefined) return undefined;
  return { kind, start: Number(start), count: Number(count), tag };
}

/** Read a kind's key strictly; undefined for anything that a store does not hold. */
export function readKeptKind(key: string): Kind | undefined {
  try {
    const { kind, single } = partsOf(key);
    return single ? undefined : kind;
  } catch {
    return undefined;
  }
}

export function packItems(fields: readonly RawVector[]): Uint8Array {
  return concatBytes(...fields.flatMap(({ values, macs }) => [values, macs]));
}

export function unpackItems(
  bytes: Uint8Array,
  { kind, count }: ItemRecord,
  layout: ShareLayout,
): RawVector[] {
  let at = 0;
  const next = (unit: number) => {
    at += count * unit;
    return bytes.slice(at - count * unit, at);
  };
  const unpacked = bytesOfFields(partsOf(kind), layout).map(({ value, mac }) => ({
    values: next(value),
    macs: next(mac),
  }));
  if (at !== bytes.length)
    throw new RangeError(`${kind}: ${count} items must have ${at} bytes, got ${bytes.length}`);
  return unpacked;
}

/** Copy `count` items, from number `from` on, of a batch of `all`. */
export function sliceItems(
  fields: readonly RawVector[],
  all: number,
  from: number,
  count: number,
): RawVector[] {
  const part = (bytes: Uint8Array) => {
    const unit = bytes.length / all;
    return bytes.slice(from * unit, (from + count) * unit);
  };
  return fields.map(({ values, macs }) => ({ values: part(values), macs: part(macs) }));
}
