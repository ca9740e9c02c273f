/** Sorts the rows of a secret matrix by a network, so that nobody learns in which order they were. */
import { addPublic, combine, negate, raise } from "../../primitives/add";
import { bitsOf, weighBits } from "../../primitives/bits";
import { selectNegative } from "../../primitives/compare";
import { rearrange, scatterAdd } from "../../primitives/layout";
import { times, timesPublic } from "../../primitives/multiply";
import { readAt, toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import { indexSelectLayout } from "../../tensor/indexed";
import { transposeOf } from "../../tensor/layout";
import { type Level, sortingNetwork } from "./network";

/** A level of a network, with its outcome. */
export interface Exchanges extends Level {
  /** 1 where the two elements changed places, 0 where they stayed. */
  readonly chosen: SharedTensor;
}

export interface Sorted {
  readonly rows: SharedTensor;
  readonly levels: readonly Exchanges[];
}

/**
 * Sort every row, the least first.
 *
 * @param wanted - the places of the result that count. Default: all.
 */
export function sortRows(x: SharedTensor, wanted?: readonly number[]): Sorted {
  let rows = x;
  const levels = sortingNetwork(x.shape[1]!, wanted).map((level): Exchanges => {
    const difference = combine("sub", take(rows, level.high), take(rows, level.low));
    const { chosen, product } = selectNegative(difference, difference);
    rows = move(rows, level, product);
    return { ...level, chosen };
  });
  return { rows, levels };
}

/** Carry a gradient of the sorted rows back to where their elements came from. */
export function unsortRows(g: SharedTensor, levels: readonly Exchanges[]): SharedTensor {
  return levels.reduceRight((rows, level) => {
    const difference = combine("sub", take(rows, level.high), take(rows, level.low));
    return move(rows, level, times(level.chosen, difference));
  }, g);
}

/** Add something to the lower element of each pair, and subtract it from the higher one. */
function move(rows: SharedTensor, { low, high }: Level, what: SharedTensor): SharedTensor {
  const to = (places: readonly number[]) => transposeOf(indexSelectLayout(rows.shape, 1, places));
  return scatterAdd(scatterAdd(rows, what, to(low)), negate(what), to(high));
}

/** Take columns. */
function take(rows: SharedTensor, places: readonly number[]): SharedTensor {
  return rearrange("indexSelect", rows, indexSelectLayout(rows.shape, 1, places));
}

/** Elements with their places in a row below their last bit, so that equal ones are in order and every one is found again. */
export interface Keys {
  readonly keys: SharedTensor;
  /** Bits of a place. */
  readonly width: number;
}

/**
 * Make keys for the elements of rows.
 *
 * @param descending - whether the greatest comes first; of equals the first, either way
 */
export function keysOf(x: SharedTensor, descending: boolean): Keys {
  const length = x.shape[1]!;
  const width = Math.ceil(Math.log2(length));
  const places = ring64.fromBigInts(Array.from({ length }, (_, i) => BigInt(i)));
  const fracBits = x.fracBits + width;
  const raised = raise(descending ? negate(x) : x, fracBits);
  return { keys: addPublic(raised, { shape: [length], fracBits, vector: places }), width };
}

/** The places that keys hold, as integers. */
export function placesOf({ keys, width }: Keys): SharedTensor {
  if (width === 0) return timesPublic(readAt(keys, 0), { shape: [], fracBits: 0, vector: ring64.zeros(1) });
  const powers = ring64.fromBigInts(Array.from({ length: width }, (_, i) => 1n << BigInt(i)));
  return weighBits(bitsOf(keys, width), { shape: [width], fracBits: 0, vector: powers });
}

/** The elements that keys hold. Without the places their low bits are zero, so that the truncation is exact. */
export function elementsOf({ keys, width }: Keys, places: SharedTensor, descending: boolean): SharedTensor {
  const elements = toScale(combine("sub", keys, readAt(places, keys.fracBits)), keys.fracBits - width);
  return descending ? negate(elements) : elements;
}
