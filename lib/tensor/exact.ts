import type JSBI from "jsbi";
import { toBigInt } from "../ring";

/** A fraction of integers; the denominator is positive. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A number exactly as the caller wrote it: a double, an integer of any size, or a fraction. */
export type Exact = number | bigint | Ratio;

/** mathjs's own numbers, as far as they are read here. */
interface MathNumber {
  readonly isBigNumber?: boolean;
  readonly isFraction?: boolean;
  isFinite?(): boolean;
  toFixed?(): string;
  readonly s?: number | bigint;
  readonly n?: number | bigint;
  readonly d?: number | bigint;
}

/**
 * Read a number: a double, a bigint, a JSBI, or a BigNumber or a Fraction of mathjs. Return undefined for anything else,
 * also for what converts itself to a number, such as units, dates and booleans.
 */
export function readExact(value: unknown): Exact | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value !== "object" || value === null) return undefined;
  if (isJSBI(value)) return toBigInt(value);
  const { isBigNumber, isFraction, s, n, d } = value as MathNumber;
  if (isFraction === true && n !== undefined && d !== undefined)
    return { numerator: BigInt(s ?? 1) * BigInt(n), denominator: BigInt(d) };
  if (isBigNumber === true) return readBigNumber(value as MathNumber);
  return undefined;
}

function readBigNumber(value: MathNumber): Exact | undefined {
  const text = value.toFixed?.();
  if (text === undefined) return undefined;
  if (value.isFinite?.() === false) return Number(text);
  const [whole = "0", decimals = ""] = text.split(".");
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
}

/** Check contents instead of class: a program may load two copies of jsbi, one for each module system. */
export function isJSBI(value: unknown): value is JSBI {
  return Array.isArray(value) && typeof (value as unknown as { sign?: unknown }).sign === "boolean";
}

/** A double, or the integer itself where it is too large for one. */
export function plainNumber(value: Exact): number | bigint {
  if (typeof value !== "object") return value;
  const double = toDouble(value);
  return Number.isInteger(double) && !Number.isSafeInteger(double) && isWhole(value)
    ? value.numerator / value.denominator
    : double;
}

/** The nearest double. */
export function toDouble(value: Exact): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  // Round once, with more bits than a double has; the scale is a power of two.
  const { numerator, denominator } = value;
  const bits = 64 + bitLength(denominator) - bitLength(numerator);
  if (bits > 1000 || bits < -900) return Number(numerator) / Number(denominator);
  return bits >= 0
    ? Number(divideToOdd(numerator << BigInt(bits), denominator)) / 2 ** bits
    : Number(divideToOdd(numerator, denominator << BigInt(-bits))) * 2 ** -bits;
}

/** Whether a number has no decimals. */
export function isWhole(value: Exact): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  return typeof value === "bigint" || value.numerator % value.denominator === 0n;
}

/** A finite number as a fraction, in lowest terms where the denominator is a power of two. */
export function ratioOf(value: Exact): Ratio {
  if (typeof value === "bigint") return { numerator: value, denominator: 1n };
  if (typeof value === "object") return value;
  let [scaled, bits] = [value, 0];
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    bits++;
  }
  return { numerator: BigInt(scaled), denominator: 1n << BigInt(bits) };
}

/** Round a finite number times 2^bits to the nearest integer, ties to even. */
export function roundScaled(value: Exact, bits: number): bigint {
  const { numerator, denominator } = ratioOf(value);
  const doubled = numerator << BigInt(bits + 1);
  const floor = floorDivide(doubled, denominator);
  const tie = (floor & 1n) === 1n && floor * denominator === doubled;
  const half = (floor + 1n) >> 1n;
  return tie && (half & 1n) === 1n ? half - 1n : half;
}

/** The number of bits of a magnitude; 0 for zero. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length;
}

function floorDivide(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return x % y !== 0n && x < 0n ? quotient - 1n : quotient;
}

/** A quotient whose last bit is set where something was cut off, so that rounding it again rounds the exact one. */
function divideToOdd(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  if (x % y === 0n || (quotient & 1n) === 1n) return quotient;
  return x < 0n ? quotient - 1n : quotient + 1n;
}
