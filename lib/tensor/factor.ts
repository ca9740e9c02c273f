import { type Ring, type RingVector, ring64, ring128 } from "../ring";
import { bitLength, type Exact, isWhole, ratioOf, roundScaled } from "./exact";
import { VALUE_BITS } from "./fixed-point";

/** Integers with a scale: c = vector / 2^fracBits. */
export interface Scaled {
  readonly vector: RingVector;
  readonly fracBits: number;
}

/** How finely to encode factors. */
export interface FactorScale {
  /** Bits of each limb in which the factor will be applied; more of them cost nothing while they fit. */
  readonly limbBits: number;
  /** The fractional bits of the top limb of a factor of 1 or more. */
  readonly topBits: number;
  /** Whether a smaller factor has as many more of them as it has zeros at the top. */
  readonly topGrows: boolean;
  /** No bit below 2^-maxFracBits can change a result by half a unit in the last place. */
  readonly maxFracBits: number;
  /** Significant bits that every nonzero factor keeps, unless bits below 2^-maxFracBits are left out. */
  readonly significantBits: number;
}

/** Significant bits that every nonzero factor keeps. */
export const SIGNIFICANT_BITS = 29;
const LIMIT = 1n << BigInt(VALUE_BITS);

/**
 * Encode public factors for products: exactly where they have few bits, else with the significant bits wanted. Whole
 * numbers have no fractional bits; if any factor has decimals, all have at least one.
 *
 * @param elements - finite numbers
 * @returns mod 2^64, or mod 2^128 where a factor needs more than 62 bits
 * @throws {RangeError} a whole number is 2^62 or more
 */
export function encodeFactors(elements: Float64Array | readonly Exact[], scale: FactorScale): Scaled {
  const isDoubles = elements instanceof Float64Array;
  if (isDoubles ? elements.every(Number.isInteger) : elements.every(isWhole)) {
    const words = isDoubles
      ? ring64.fromFloat64(elements, 0, VALUE_BITS)
      : ring64.fromBigInts(Array.from(elements, (each) => requireWord(roundScaled(each, 0))));
    return { vector: words, fracBits: 0 };
  }
  const { top, exact, needed } = isDoubles
    ? bitsOfDoubles(elements, scale.significantBits)
    : bitsOfAll(elements, scale.significantBits);
  const fracBits = fillLimbs(top, exact, Math.max(1, Math.min(needed, scale.maxFracBits)), scale);
  const bits = top + 1 + fracBits;
  const ring: Ring = bits < VALUE_BITS ? ring64 : ring128;
  const vector = isDoubles
    ? ring.fromFloat64(elements, fracBits, ring.bits - 2)
    : ring.fromBigInts(elements.map((each) => roundScaled(each, fracBits)));
  return { vector, fracBits };
}

/** Use the bits that the lowest limb has anyway. */
function fillLimbs(
  top: number,
  exact: number,
  needed: number,
  { topBits, topGrows, limbBits, maxFracBits }: FactorScale,
): number {
  const first = topBits + (topGrows ? Math.max(0, -1 - top) : 0);
  const limbs = Math.max(0, Math.ceil((needed - first) / limbBits));
  const room = limbs > 0 ? first + limbs * limbBits : Math.min(first, maxFracBits);
  return Math.min(Math.max(needed, exact), Math.max(needed, room));
}

/** Facts about the bits of factors: bit i is the one of value 2^i. */
interface Bits {
  /** The highest bit of the largest. */
  readonly top: number;
  /** Fractional bits that represent all exactly. */
  readonly exact: number;
  /** Fractional bits that represent each exactly or with the significant bits wanted. */
  readonly needed: number;
}

function bitsOfDoubles(values: Float64Array, significant: number): Bits {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let [top, exact, needed] = [-1074, 0, 0];
  for (let i = 0; i < words.length; i += 2) {
    const [low, high] = [words[i]!, words[i + 1]!];
    const exponent = (high >>> 20) & 0x7ff;
    // Zero, or below every bit that matters.
    if (exponent === 0) continue;
    const highest = exponent - 1023;
    const lowest = highest - 52 + zerosBelow(low, (high & 0xfffff) | 0x100000);
    if (highest > top) top = highest;
    if (-lowest > exact) exact = -lowest;
    const wanted = Math.min(-lowest, significant - 1 - highest);
    if (wanted > needed) needed = wanted;
  }
  return { top, exact, needed };
}

/** Zero bits below the lowest of two words; 64 if all are zero. */
function zerosBelow(low: number, high: number): number {
  const zeros = (word: number) => 31 - Math.clz32(word & -word);
  if (low !== 0) return zeros(low);
  return high !== 0 ? 32 + zeros(high) : 64;
}

function bitsOfAll(elements: readonly Exact[], significant: number): Bits {
  let [top, exact, needed] = [-1074, 0, 0];
  for (const element of elements) {
    const { numerator, denominator } = ratioOf(element);
    if (numerator === 0n) continue;
    const highest = bitLength(numerator) - bitLength(denominator);
    const isDyadic = (denominator & (denominator - 1n)) === 0n;
    const own = isDyadic ? bitLength(denominator) - 1 : Number.POSITIVE_INFINITY;
    top = Math.max(top, highest);
    exact = Math.max(exact, own);
    // The highest bit may be one lower than it seems.
    needed = Math.max(needed, Math.min(own, significant - highest));
  }
  return { top, exact, needed };
}

function requireWord(word: bigint): bigint {
  if (word >= LIMIT || word <= -LIMIT)
    throw new RangeError(`${word} is too large: whole numbers must be below 2^${VALUE_BITS} in magnitude`);
  return word;
}

/** The number of zero bits below the lowest bit of any element mod 2^64. */
export function trailingZeros(vector: RingVector): number {
  const words = wordsOf(vector);
  let [low, high] = [0, 0];
  for (let i = 0; i < words.length; i += 2) {
    low |= words[i]!;
    high |= words[i + 1]!;
  }
  return zerosBelow(low, high);
}

/** A bound on the bits of every magnitude in a vector: each is at most 2^bits. */
export function magnitudeBits(vector: RingVector): number {
  const words = wordsOf(vector);
  const perElement = vector.ring.bytes / 4;
  const any = new Int32Array(perElement);
  for (let i = 0; i < words.length; i += perElement) {
    const sign = words[i + perElement - 1]! >> 31;
    for (let j = 0; j < perElement; j++) any[j]! |= words[i + j]! ^ sign;
  }
  for (let j = perElement - 1; j >= 0; j--) if (any[j] !== 0) return 32 * (j + 1) - Math.clz32(any[j]!);
  return 0;
}

function wordsOf(vector: RingVector): Int32Array {
  return new Int32Array(
    vector.ring.toBytes(vector, new Uint8Array(vector.length * vector.ring.bytes)).buffer,
  );
}
