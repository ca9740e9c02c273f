/** Numbers as callers write them, kept exact: bigints, JSBI and mathjs's numbers are not rounded to doubles. */
import { type RingVector, ring64 } from "../ring";
import { bitLength, type Exact, isWhole, readExact, roundScaled, toDouble } from "./exact";
import { flatten, indexText, kindOf, type TensorInput } from "./input";
import type { Shape } from "./shape";

/** Elements in row-major order: doubles if all are, else as they were written. */
export interface Numbers {
  readonly shape: Shape;
  readonly elements: Float64Array | readonly Exact[];
}

/**
 * Read numbers of any form.
 *
 * @param what - for errors: the operation, and what must be numbers
 * @throws {TypeError} an element is not a number; the message names its kind and index
 */
export function readNumbers(input: TensorInput, operation: string, what: string): Numbers {
  const { shape, elements } = flatten<Exact>(input, (value, _list, where) => {
    const exact = readExact(value);
    if (exact === undefined)
      throw new TypeError(`${operation}: ${kindOf(value)}${where()}; ${what} must be numbers`);
    return exact;
  });
  if (elements instanceof Float64Array) return { shape, elements };
  const list = Array.from(elements);
  const isDoubles = list.every((each) => typeof each === "number");
  return { shape, elements: isDoubles ? Float64Array.from(list as number[]) : list };
}

/** Whether no number has decimals. */
export function areWhole({ elements }: Numbers): boolean {
  return elements instanceof Float64Array ? elements.every(Number.isInteger) : elements.every(isWhole);
}

/**
 * Encode numbers in fixed point, each rounded to the nearest multiple of 2^-fracBits.
 *
 * @param bits - magnitudes must be below 2^bits once they are encoded
 * @throws {RangeError} a number is NaN, infinite or too large; the message names its index
 */
export function encodeNumbers(
  numbers: Numbers,
  fracBits: number,
  bits: number,
  operation: string,
): RingVector {
  const { elements } = numbers;
  requireMagnitudes(numbers, bits - fracBits, operation);
  if (elements instanceof Float64Array) return ring64.fromFloat64(elements, fracBits, bits);
  return ring64.fromBigInts(elements.map((each) => roundScaled(each, fracBits)));
}

/**
 * @param bits - magnitudes must be below 2^bits; at 63 bits also −2^63 is allowed
 * @throws {RangeError} a number is NaN, infinite or too large; the message names its index
 */
export function requireMagnitudes({ elements, shape }: Numbers, bits: number, operation: string): void {
  const limit = 2 ** bits;
  const fits = (each: Exact) =>
    typeof each === "bigint"
      ? bitLength(each) <= bits || (bits === 63 && each === -(2n ** 63n))
      : Math.abs(toDouble(each)) < limit;
  const wrong = Array.prototype.findIndex.call(elements, (each: Exact) => !fits(each));
  if (wrong < 0) return;
  const value = elements[wrong]!;
  const where = indexText(wrong, shape);
  if (Number.isNaN(value)) throw new RangeError(`${operation}: NaN${where}; replace missing values first`);
  const shown = typeof value === "object" ? toDouble(value) : value;
  throw new RangeError(`${operation}: ${shown}${where} is out of range; magnitudes must be below 2^${bits}`);
}
