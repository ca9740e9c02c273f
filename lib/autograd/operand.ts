import { factorScale } from "../primitives/public-factor";
import { type PublicTensor, requireScale } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { type Exact, isWhole, ratioOf, readExact, roundScaled, toDouble } from "../tensor/exact";
import { encodeFactors, magnitudeBits, trailingZeros } from "../tensor/factor";
import { VALUE_BITS } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { flatten, indexText, kindOf, type TensorInput } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";
import type { Shape } from "../tensor/shape";
import type { SharedVariable } from "./shared-variable";

/** A value that both parties know: a number, nested arrays, a typed array, a mathjs matrix, or a tensor. */
export type PublicInput = TensorInput | FloatTensor | LongTensor;

/** A secret, or a value that both parties know. */
export type Operand = SharedVariable | PublicInput;

/**
 * Encode a public factor, exactly where it has few bits, else with at least 29 significant bits: see
 * lib/primitives/public-factor.ts. Use it in products only.
 *
 * @param operation - for errors
 * @throws {RangeError} an element is NaN, infinite or too large, or all are so small that every product is zero
 */
export function publicFactor(input: PublicInput, precision: number, operation: string): PublicTensor {
  if (input instanceof LongTensor) return factorOfLong(input);
  const { shape, elements } = exactNumbers(input, operation);
  return factorOf(elements, shape, { precision, anySize: false, operation });
}

/**
 * Encode the reciprocal of a public divisor, for secrets of any size.
 *
 * @throws {RangeError} an element is zero, NaN or infinite, or its reciprocal is too large or too small
 */
export function publicDivisor(input: PublicInput, precision: number, operation: string): PublicTensor {
  const { shape, elements } = exactNumbers(input, operation);
  const zero = Array.prototype.findIndex.call(elements, (each: Exact) =>
    typeof each === "object" ? each.numerator === 0n : Number(each) === 0,
  );
  if (zero >= 0)
    throw new RangeError(`${operation}: division by 0${indexText(zero, shape)}; divisors must not be 0`);
  const reciprocals =
    elements instanceof Float64Array ? elements.map((each) => 1 / each) : elements.map(reciprocal);
  const factor = factorOf(reciprocals, shape, { precision, anySize: true, operation });
  // A quotient is fixed point, also where all reciprocals are whole.
  if (factor.fracBits > 0) return factor;
  return { ...factor, fracBits: 1, vector: factor.vector.ring.shiftLeft(factor.vector, 1) };
}

interface FactorOptions {
  readonly precision: number;
  readonly anySize: boolean;
  readonly operation: string;
}

function factorOf(
  elements: Float64Array | readonly Exact[],
  shape: Shape,
  { precision, anySize, operation }: FactorOptions,
): PublicTensor {
  requireMagnitudes(elements, shape, VALUE_BITS, operation);
  const integral =
    elements instanceof Float64Array ? elements.every(Number.isInteger) : elements.every(isWhole);
  if (!integral) requireMagnitudes(elements, shape, VALUE_BITS - precision, operation);
  const encoded = encodeFactors(elements, factorScale(precision, anySize));
  if (!integral && magnitudeBits(encoded.vector) === 0 && isZero(encoded.vector)) {
    throw new RangeError(
      `${operation}: a factor of ${toDouble(elements[0]!)} makes every product zero at ${precision} fractional bits; ` +
        "multiply the secret by a larger one first, or start the session with a higher precision",
    );
  }
  return { shape, ...encoded, anySize };
}

function factorOfLong(input: LongTensor): PublicTensor {
  requirePublic(input);
  requireScale(input.fracBits, "a public operand");
  const vector = input.vector.value;
  const { ring } = vector;
  // Keep one fractional bit: a tensor with fractional bits is fixed point, whatever its values.
  const spare = Math.min(trailingZeros(vector), Math.max(0, input.fracBits - 1));
  return {
    shape: input.shape,
    fracBits: input.fracBits - spare,
    vector: spare === 0 ? vector : ring.shiftRightSigned(vector, spare),
  };
}

function isZero(vector: PublicTensor["vector"]): boolean {
  return vector.length > 0 && vector.ring.equals(vector, vector.ring.zeros(vector.length));
}

/** @throws {RangeError} a number is NaN, infinite, or 2^bits or more in magnitude */
function requireMagnitudes(
  elements: Float64Array | readonly Exact[],
  shape: Shape,
  bits: number,
  operation: string,
): void {
  const limit = 2 ** bits;
  const fits = (each: Exact) => Math.abs(typeof each === "object" ? toDouble(each) : Number(each)) < limit;
  const wrong = Array.prototype.findIndex.call(elements, (each: Exact) => !fits(each));
  if (wrong < 0) return;
  const value = elements[wrong]!;
  const where = indexText(wrong, shape);
  if (Number.isNaN(value)) throw new RangeError(`${operation}: NaN${where}; replace missing values first`);
  const shown = typeof value === "object" ? toDouble(value) : value;
  throw new RangeError(`${operation}: ${shown}${where} is out of range; magnitudes must be below 2^${bits}`);
}

function reciprocal(value: Exact): Exact {
  const { numerator, denominator } = ratioOf(value);
  return numerator < 0n
    ? { numerator: -denominator, denominator: -numerator }
    : { numerator: denominator, denominator: numerator };
}

/**
 * Encode a public operand of a sum. Whole numbers get no fractional bits; other numbers get the session's precision.
 *
 * @throws {TypeError} it is this party's share, where both parties need the same public value
 * @throws {RangeError} an element is NaN, infinite or too large
 */
export function publicTensor(input: PublicInput, precision: number, operation: string): PublicTensor {
  if (input instanceof LongTensor) {
    requirePublic(input);
    requireScale(input.fracBits, "a public operand");
    return { shape: input.shape, fracBits: input.fracBits, vector: input.vector.value };
  }
  const { shape, elements } = exactNumbers(input, operation);
  const isDoubles = elements instanceof Float64Array;
  const integral = isDoubles ? elements.every(Number.isInteger) : elements.every(isWhole);
  const fracBits = integral ? 0 : precision;
  requireMagnitudes(elements, shape, VALUE_BITS - fracBits, operation);
  const vector = isDoubles
    ? ring64.fromFloat64(elements, fracBits, VALUE_BITS)
    : ring64.fromBigInts(elements.map((each) => roundScaled(each, fracBits)));
  return { shape, fracBits, vector };
}

/**
 * The numbers of a public operand, where no operand is secret.
 *
 * @throws {TypeError} it is this party's share, or an element is not a number
 */
export function plainTensor(input: PublicInput, operation: string): FloatTensor {
  if (input instanceof LongTensor) requirePublic(input);
  return numbersOf(input, operation);
}

/** @throws {TypeError} an element is not a number */
function numbersOf(input: PublicInput, operation: string): FloatTensor {
  if (input instanceof FloatTensor || input instanceof LongTensor) return new FloatTensor(input);
  const { shape, elements } = exactNumbers(input, operation);
  return FloatTensor.from(
    elements instanceof Float64Array ? elements : Float64Array.from(elements, toDouble),
    shape,
  );
}

/** The numbers of a public operand as they were written: doubles if all are, else a list. */
function exactNumbers(
  input: PublicInput,
  operation: string,
): { readonly shape: Shape; readonly elements: Float64Array | readonly Exact[] } {
  if (input instanceof FloatTensor) return { shape: input.shape, elements: input.values };
  if (input instanceof LongTensor) {
    requirePublic(input);
    const denominator = 1n << BigInt(input.fracBits);
    const words = ring64.toSignedBigInts(input.numbers);
    return { shape: input.shape, elements: words.map((numerator) => ({ numerator, denominator })) };
  }
  const { shape, elements } = flatten<Exact>(input, (value, _list, where) => {
    const exact = readExact(value);
    if (exact === undefined)
      throw new TypeError(`${operation}: ${kindOf(value)}${where()}; operands must be numbers`);
    return exact;
  });
  if (elements instanceof Float64Array) return { shape, elements };
  const list = Array.from(elements);
  const isDoubles = list.every((each) => typeof each === "number");
  return { shape, elements: isDoubles ? Float64Array.from(list as number[]) : list };
}

function requirePublic(input: LongTensor): void {
  if (input.isShare)
    throw new TypeError("a share is not a public value: wrap it in a SharedVariable on both sides");
  if (input.origin.sources.some(({ kind }) => kind === "share")) {
    throw new TypeError(
      "a value computed from this party's share is not public: compute on the SharedVariable itself, or reveal it " +
        "first with `await x.reveal()`",
    );
  }
}
