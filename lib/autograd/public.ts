import { factorScale } from "../primitives/public-factor";
import { type PublicTensor, requireScale } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { type Exact, ratioOf, toDouble } from "../tensor/exact";
import { encodeFactors, trailingZeros } from "../tensor/factor";
import { VALUE_BITS } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { indexText, type TensorInput } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";
import {
  areWhole,
  encodeNumbers,
  type Numbers,
  readNumbers,
  requireMagnitudes,
} from "../tensor/numbers-input";

/** A value that both parties know: a number, nested arrays, a typed array, a mathjs matrix, or a tensor. */
export type PublicInput = TensorInput | FloatTensor | LongTensor;

/**
 * Encode a public factor, exactly where it has few bits, else with at least 29 significant bits: see
 * lib/primitives/public-factor.ts. Use it in products only.
 *
 * @param operation - for errors
 * @throws {RangeError} an element is NaN, infinite or too large, or all are so small that every product is zero
 */
export function publicFactor(input: PublicInput, precision: number, operation: string): PublicTensor {
  if (input instanceof LongTensor) return factorOfLong(input);
  return factorOf(exactNumbers(input, operation), { precision, anySize: false, operation });
}

/**
 * Encode the reciprocal of a public divisor, for secrets of any size.
 *
 * @throws {RangeError} an element is zero, NaN or infinite, or its reciprocal is too large or too small
 */
export function publicDivisor(input: PublicInput, precision: number, operation: string): PublicTensor {
  const numbers = exactNumbers(input, operation);
  const { shape, elements } = numbers;
  requireMagnitudes(numbers, 1024, operation);
  const zero = Array.prototype.findIndex.call(elements, (each: Exact) =>
    typeof each === "object" ? each.numerator === 0n : Number(each) === 0,
  );
  if (zero >= 0)
    throw new RangeError(`${operation}: division by 0${indexText(zero, shape)}; divisors must not be 0`);
  const reciprocals =
    elements instanceof Float64Array ? elements.map((each) => 1 / each) : elements.map(reciprocal);
  const factor = factorOf(
    { shape, elements: reciprocals },
    { precision, anySize: true, operation: `${operation}: 1 / divisor` },
  );
  // A quotient is fixed point, also where all reciprocals are whole.
  if (factor.fracBits > 0) return factor;
  return { ...factor, fracBits: 1, vector: factor.vector.ring.shiftLeft(factor.vector, 1) };
}

interface FactorOptions {
  readonly precision: number;
  readonly anySize: boolean;
  readonly operation: string;
}

function factorOf(numbers: Numbers, { precision, anySize, operation }: FactorOptions): PublicTensor {
  const { shape, elements } = numbers;
  const integral = areWhole(numbers);
  requireMagnitudes(numbers, integral ? VALUE_BITS : VALUE_BITS - precision, operation);
  const encoded = encodeFactors(elements, factorScale(precision, anySize));
  if (!integral && isZero(encoded.vector)) {
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
  const numbers = exactNumbers(input, operation);
  const fracBits = areWhole(numbers) ? 0 : precision;
  // An integer may use all bits of the ring; what has decimals leaves one for the sign and one for products.
  const vector = encodeNumbers(numbers, fracBits, fracBits === 0 ? 63 : VALUE_BITS, operation);
  return { shape: numbers.shape, fracBits, vector };
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
function exactNumbers(input: PublicInput, operation: string): Numbers {
  if (input instanceof FloatTensor) return { shape: input.shape, elements: input.values };
  if (input instanceof LongTensor) {
    requirePublic(input);
    const denominator = 1n << BigInt(input.fracBits);
    const words = ring64.toSignedBigInts(input.numbers);
    return { shape: input.shape, elements: words.map((numerator) => ({ numerator, denominator })) };
  }
  return readNumbers(input, operation, "operands");
}

/** @throws {TypeError} it is this party's share, or computed from one */
export function requirePublic(input: LongTensor): void {
  if (input.isShare)
    throw new TypeError("a share is not a public value: wrap it in a SharedVariable on both sides");
  if (input.origin.sources.some(({ kind }) => kind === "share")) {
    throw new TypeError(
      "a value computed from this party's share is not public: compute on the SharedVariable itself, or reveal it " +
        "first with `await x.reveal()`",
    );
  }
}
