import { type RingVector, ring64 } from "../ring";
import { isJSBI, plainNumber, readExact } from "./exact";
import { VALUE_BITS } from "./fixed-point";
import { FloatTensor } from "./float-tensor";
import { flatten, indexText, isNumericArray, kindOf, type TensorInput } from "./input";
import { LongTensor } from "./long-tensor";
import { type NumberRecords, rowsOfRecords } from "./records";
import type { Shape } from "./shape";

/** A party's secret input: numbers in any form, a table, or records with the same names. */
export type SecretInput = TensorInput | FloatTensor | LongTensor | NumberRecords;

/** A secret as elements of the ring. */
export interface SecretValues {
  readonly vector: RingVector;
  readonly shape: Shape;
  readonly fracBits: number;
}

/**
 * Convert a secret to the integers to share. The types of the input decide between fixed point and integers, never its
 * values, because that would tell the other party something about them: a LongTensor keeps its scale; bigints and
 * typed arrays of integers become integers; everything else becomes fixed point.
 *
 * @param precision - fractional bits of fixed point
 * @param integers - convert to integers in any case
 * @param operation - for errors
 * @throws {TypeError} an element is not a number, or numbers and bigints are mixed; the message names the index
 * @throws {RangeError} an element is NaN, infinite or too large, or has decimals where integers are required; the
 *   message names the index
 */
export function secretValues(
  input: SecretInput,
  precision: number,
  integers: boolean,
  operation = "input",
): SecretValues {
  if (input instanceof LongTensor) return longValues(input, integers, operation);
  const { shape, elements, whole } =
    input instanceof FloatTensor
      ? { ...input, elements: input.values, whole: false }
      : readSecret(input, operation);
  if (whole || integers) {
    const words = Array.from(elements, (value, i) => toWord(value, () => indexText(i, shape), operation));
    return { vector: ring64.fromBigInts(words), shape, fracBits: 0 };
  }
  const values = Float64Array.from(elements, Number);
  const limit = 2 ** (VALUE_BITS - precision);
  const wrong = values.findIndex((value) => !(Math.abs(value) < limit));
  if (wrong >= 0) throw notFinite(values[wrong]!, indexText(wrong, shape), VALUE_BITS - precision, operation);
  return { vector: ring64.fromFloat64(values, precision, VALUE_BITS), shape, fracBits: precision };
}

function longValues(tensor: LongTensor, integers: boolean, operation: string): SecretValues {
  const { shape, fracBits, isShare } = tensor;
  if (isShare) {
    throw new TypeError(
      `${operation}: this tensor is one party's share, not a value: pass the plain values, or wrap the shares of ` +
        "both parties in SharedVariables",
    );
  }
  if (integers && fracBits > 0)
    throw new TypeError(
      `${operation}: a LongTensor of ${fracBits} fractional bits is not integers; leave out { integers: true }`,
    );
  return { vector: tensor.vector.value, shape, fracBits };
}

function readSecret(given: TensorInput | NumberRecords, operation: string) {
  const input = rowsOfRecords(given) ?? (given as TensorInput);
  const kinds = new Set<"integers" | "numbers">();
  const read = (value: unknown, list: unknown, where: () => string) => {
    kinds.add(typeof value === "bigint" || isJSBI(value) || isIntegerArray(list) ? "integers" : "numbers");
    if (kinds.size > 1)
      throw new TypeError(`${operation}: numbers and bigints are mixed${where()}; use one of the two`);
    return toNumber(value, where, operation);
  };
  if (isIntegerArray(input)) kinds.add("integers");
  try {
    return { ...flatten(input, read), whole: kinds.has("integers") };
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${operation}: ${error.message}`, { cause: error });
    throw error;
  }
}

function isIntegerArray(value: unknown): boolean {
  // Check the tag: an array from another realm, such as a notebook's, has another class.
  return isNumericArray(value) && !value[Symbol.toStringTag].startsWith("Float");
}

function toNumber(value: unknown, where: () => string, operation: string): number | bigint {
  const exact = readExact(value);
  if (exact === undefined)
    throw new TypeError(`${operation}: ${kindOf(value)}${where()}; values must be numbers`);
  return plainNumber(exact);
}

function toWord(value: number | bigint, where: () => string, operation: string): bigint {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw notFinite(value, where(), 63, operation);
    if (!Number.isInteger(value))
      throw new RangeError(
        `${operation}: ${value}${where()} is not a whole number, which { integers: true } requires`,
      );
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${operation}: ${value}${where()} is beyond 2^53; pass such integers as bigints`);
  }
  const word = BigInt(value);
  if (BigInt.asIntN(64, word) !== word)
    throw new RangeError(`${operation}: ${word}${where()} does not fit in 64 bits, from -2^63 to 2^63 - 1`);
  return word;
}

function notFinite(value: number, where: string, bits: number, operation: string): RangeError {
  if (Number.isNaN(value)) return new RangeError(`${operation}: NaN${where}; replace missing values first`);
  return new RangeError(`${operation}: ${value}${where} is out of range; magnitudes must be below 2^${bits}`);
}
