import { drawBytes } from "../crypto/bytes";
import { type ByteSource, type Ring, type RingVector, ring128, scope } from "../ring";
import type { AuthenticatedVector, MacKey } from "./authenticated";
import type { Opening } from "./opening";

/** The widths of values and MACs, and the number of rows of a check; the games in test/games use a few bits. */
export interface MacWidths {
  /** The ring of values and MACs, mod 2^(k+s). */
  readonly ring: Ring;
  /** k: the bits of an opened value. */
  readonly low: number;
  /** s: the bits of a key and of a weight. */
  readonly weight: number;
  /** The maximum number of rows; more openings than this are combined. */
  readonly rows: number;
}

/** k = s = 64, and 64 rows. */
export const WIDTHS: MacWidths = { ring: ring128, low: 64, weight: 64, rows: 64 };

/** Elements and bytes of a group; see Ring.subsetSums. */
const GROUP = 4;
const GROUP_BYTES = 32;
const KERNEL_ROWS = 64;

/** Openings of fewer elements are joined before they are summed. */
const JOINED = 4096;

/** Return the number of rows of a check of `count` openings, which is also the number of its masks. */
export function rowsOf(count: number, { rows }: MacWidths = WIDTHS): number {
  return Math.min(count, rows);
}

/** Make a row of each opening, if there are few. */
export function unitRows(openings: readonly Opening[], { ring }: MacWidths): Opening {
  return scope(() => join(ring, openings));
}

/**
 * Make rows of many openings: each row is the sum of a random subset.
 *
 * @param source - gives the subsets; public, and unknown until every opening is fixed
 */
export function subsetRows(openings: readonly Opening[], source: ByteSource, widths: MacWidths): Opening {
  const { ring, rows } = widths;
  return scope(() => {
    let sum: Opening = {
      values: ring.zeros(rows),
      macs: ring.zeros(rows),
      opened: ring.zeros(rows),
    };
    for (const group of joined(openings, ring)) {
      const groups = Math.ceil(group.values.length / GROUP);
      const subsets = drawBytes(source, groups * GROUP_BYTES);
      const some = sumSubsets(group, subsets, widths);
      sum = {
        values: ring.add(sum.values, some.values),
        macs: ring.add(sum.macs, some.macs),
        opened: ring.add(sum.opened, some.opened),
      };
    }
    return sum;
  });
}

/** Sum up an opening over random subsets, one for each row. */
export function sumSubsets(x: Opening, subsets: Uint8Array, { ring, rows }: MacWidths): Opening {
  if (ring.subsetSums && rows === KERNEL_ROWS) return ring.subsetSums(x, subsets);
  const { length } = x.values;
  const picks = new Array<bigint>(rows * length);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < length; i++) {
      const byte = subsets[Math.floor(i / GROUP) * GROUP_BYTES + (row >> 1)]!;
      picks[row * length + i] = BigInt((byte >> ((row % 2) * 4 + (i % GROUP))) & 1);
    }
  const matrix = ring.fromBigInts(picks);
  const add = (vector: RingVector) => ring.matmul(matrix, vector, rows, length, 1);
  return { values: add(x.values), macs: add(x.macs), opened: add(x.opened) };
}

/**
 * Mask the upper words of rows, by random authenticated values that are used for nothing else, to open the rows in
 * full.
 */
export function maskRows(rows: Opening, masks: AuthenticatedVector, { ring, low }: MacWidths): Opening {
  return scope(() => {
    const add = (x: RingVector, mask: RingVector) => ring.add(x, ring.shiftLeft(mask, low));
    return { values: add(rows.values, masks.value), macs: add(rows.macs, masks.mac), opened: rows.opened };
  });
}

/** Return whether the low words of fully opened rows are the sums of the values opened before. */
export function lowWordsAgree(full: RingVector, opened: RingVector, { ring, low }: MacWidths): boolean {
  const mask = (1n << BigInt(low)) - 1n;
  return scope(() => ring.equals(ring.andScalar(full, mask), ring.andScalar(opened, mask)));
}

/** Draw a weight of s bits for each row. */
export function drawWeights(source: ByteSource, count: number, { ring, weight }: MacWidths): RingVector {
  const bytes = Math.ceil(weight / 8);
  const drawn = drawBytes(source, count * bytes);
  const wide = new Uint8Array(count * ring.bytes);
  for (let i = 0; i < count; i++) wide.set(drawn.subarray(i * bytes, (i + 1) * bytes), i * ring.bytes);
  for (let i = bytes - 1; i < wide.length; i += ring.bytes) wide[i]! &= 0xff >> (bytes * 8 - weight);
  return ring.fromBytes(wide, count);
}

/** Compute this party's share of Σ weight · (MAC of the row − key · row), which is zero for honest rows. */
export function shareOfZero(
  { alpha }: MacKey,
  full: RingVector,
  macs: RingVector,
  weights: RingVector,
  { ring }: MacWidths,
): RingVector {
  return scope(() => {
    const weigh = (x: RingVector) => ring.matmul(weights, x, 1, x.length, 1);
    return ring.sub(weigh(macs), ring.mulScalar(weigh(full), alpha));
  });
}

function join(ring: Ring, openings: readonly Opening[]): Opening {
  const part = (of: (opening: Opening) => RingVector) => ring.concat(openings.map(of));
  return {
    values: part(({ values }) => values),
    macs: part(({ macs }) => macs),
    opened: part(({ opened }) => opened),
  };
}

/** Yield the same openings, with small ones joined. */
function* joined(openings: readonly Opening[], ring: Ring): Generator<Opening> {
  let group: Opening[] = [];
  let size = 0;
  for (const [i, opening] of openings.entries()) {
    group.push(opening);
    size += opening.values.length;
    if (size < JOINED && i + 1 < openings.length) continue;
    yield group.length === 1 ? opening : join(ring, group);
    group = [];
    size = 0;
  }
}
