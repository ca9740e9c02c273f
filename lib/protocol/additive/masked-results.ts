/** The end of a comparison: its results are opened under random bits, of which both parties hold shares as integers. */

import { burn, type RawVector } from "../../preprocessing/kinds/raw";
import { SELECTION } from "../../preprocessing/kinds/selection";
import type { OtKernels } from "../../preprocessing/wasm/kernels";
import { withKernels } from "../../preprocessing/wasm/shared-kernels";
import { type RingVector, scope } from "../../ring";
import type { LinkContext } from "./context";
import { toMessage } from "./open";

const WORD = 8;
/** Items at once, so that what belongs to them stays in the cache. A multiple of 8. */
const AT_ONCE = 2048;

/** Masks for the results of comparisons: this party's parts of random bits, whose exclusive or is the mask. */
export interface ResultMasks {
  /** Words, one a result, that contain the part. */
  readonly words: Uint8Array;
  /** The number of the bit in each word. */
  readonly place: number;
  /** This party's shares of the masks as integers mod 2^64. */
  readonly integers: Uint8Array;
}

/** This party's part of masked results, eight to a byte, and its shares of the masks as integers. */
export interface MaskedResults {
  readonly masked: Uint8Array;
  readonly integers: Uint8Array;
}

/** Bytes that open `length` results. */
export function resultBytes(length: number): number {
  return Math.ceil(length / 8);
}

/**
 * Open the results of comparisons under their masks.
 *
 * @returns shares mod 2^64 of the results
 *
 * Rounds: 1.
 */
export async function openResults(
  { ring, link }: LinkContext,
  { masked, integers }: MaskedResults,
): Promise<RingVector> {
  const theirs = await link.exchange(masked, "opens masked results");
  const result = scope(() =>
    ring.fromBytes(unmask(link.party, masked, theirs, integers), integers.length / WORD),
  );
  integers.fill(0);
  return result;
}

/** Take the masks of selections for the results that they select by. */
export function masksOf(selection: readonly RawVector[]): ResultMasks {
  const [words, integers] = [SELECTION.bit, SELECTION.mask].map((i) => selection[i]!.values);
  return { words: words!, place: 0, integers: integers! };
}

/**
 * Open the results of comparisons under the masks of selections, and y masked as well; multiply y by the results.
 *
 * @param selection - as many items of the kind `selection` as results, from which their masks are; consumed
 * @returns shares of the results, then of the products
 *
 * Rounds: 1. Security: semi-honest; both messages are uniform.
 */
export async function openProducts(
  { ring, link }: LinkContext,
  { masked, integers }: MaskedResults,
  y: RingVector,
  selection: readonly RawVector[],
): Promise<RingVector> {
  const { length } = y;
  const product = selection[SELECTION.product]!.values;
  const [own, difference] = scope(() => {
    const r = ring.fromBytes(selection[SELECTION.r]!.values, length);
    return [toMessage(ring, [y]), toMessage(ring, [ring.sub(y, r)])];
  }) as [Uint8Array, Uint8Array];
  const mine = new Uint8Array(masked.length + difference.length);
  mine.set(masked);
  mine.set(difference, masked.length);
  const theirs = await link.exchange(mine, "opens masked results and factors");
  const opened = theirs.subarray(0, masked.length);
  const whole = scope(() => {
    const shares = [difference, theirs.subarray(masked.length)].map((bytes) => ring.fromBytes(bytes, length));
    return toMessage(ring, [ring.add(shares[0]!, shares[1]!)]);
  });
  const products = new Uint8Array(length * WORD);
  each(length, (kernels, start, count) => {
    const packed = (bytes: Uint8Array) => kernels.put(packedPart(bytes, start, count));
    const words = (bytes: Uint8Array) => kernels.put(part(bytes, start, count, WORD));
    const to = kernels.allocate(count * WORD);
    kernels.run.unmaskProducts(
      ...([packed(masked), packed(opened), words(integers)] as const),
      ...([words(whole), words(product), words(own), count, to] as const),
    );
    products.set(kernels.view(to, count * WORD), start * WORD);
  });
  const result = scope(() => {
    const bits = ring.fromBytes(unmask(link.party, masked, opened, integers), length);
    return ring.concat([bits, ring.fromBytes(products, length)]);
  });
  selection.forEach(burn);
  for (const bytes of [own, products]) bytes.fill(0);
  return result;
}

/** Turn opened masked bits into shares of the bits as integers. */
function unmask(party: 0 | 1, mine: Uint8Array, theirs: Uint8Array, integers: Uint8Array): Uint8Array {
  const shares = new Uint8Array(integers.length);
  each(integers.length / WORD, (kernels, start, count) => {
    const [a, b] = [mine, theirs].map((bytes) => kernels.put(packedPart(bytes, start, count)));
    const d = kernels.put(part(integers, start, count, WORD));
    const to = kernels.allocate(count * WORD);
    kernels.run.unmaskBits(a!, b!, d, count, 1 - party, to);
    shares.set(kernels.view(to, count * WORD), start * WORD);
  });
  return shares;
}

/** Call `run` for the items from `start` on, some at a time, with kernel memory that is free again afterwards. */
export function each(length: number, run: (kernels: OtKernels, start: number, count: number) => void): void {
  for (let start = 0; start < length; start += AT_ONCE)
    withKernels((kernels) => run(kernels, start, Math.min(AT_ONCE, length - start)));
}

/** The bytes of `count` items of `size` bytes, from the item `start` on. */
export function part(bytes: Uint8Array, start: number, count: number, size: number): Uint8Array {
  return bytes.subarray(start * size, (start + count) * size);
}

function packedPart(bytes: Uint8Array, start: number, count: number): Uint8Array {
  return bytes.subarray(start / 8, start / 8 + Math.ceil(count / 8));
}
