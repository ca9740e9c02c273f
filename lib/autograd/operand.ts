import { type PublicTensor, requireScale } from "../primitives/shared-tensor";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import { flatten, type TensorInput, toScalar } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";
import type { SharedVariable } from "./shared-variable";

/** A value that both parties know: a number, nested arrays, a typed array, a mathjs matrix, or a tensor. */
export type PublicInput = TensorInput | FloatTensor | LongTensor;

/** A secret, or a value that both parties know. */
export type Operand = SharedVariable | PublicInput;

/**
 * Encode a public factor. It is like any public operand, but a number other than zero must not be rounded to zero.
 *
 * @param operation - for errors
 * @throws {RangeError} the factor is too small for the session's precision
 */
export function publicFactor(input: PublicInput, precision: number, operation: string): PublicTensor {
  const factor = publicTensor(input, precision, operation);
  if (typeof input === "number" && input !== 0 && factor.vector.ring.sum(factor.vector) === 0n) {
    throw new RangeError(
      `a factor of ${input} is below 2^-${precision + 1} and becomes zero at ${precision} fractional bits; divide ` +
        "factor, or start the session with a higher precision",
    );
  }
  return factor;
}

/**
 * Encode a public operand. Whole numbers get no fractional bits, so multiplying by them needs no truncation; other
 * numbers get the session's precision.
 *
 * @throws {TypeError} it is this party's share, where both parties need the same public value
 */
export function publicTensor(input: PublicInput, precision: number, operation: string): PublicTensor {
  if (input instanceof LongTensor) {
    requirePublic(input);
    requireScale(input.fracBits, "a public operand");
    return { shape: input.shape, fracBits: input.fracBits, vector: input.vector.value };
  }
  const values = numbersOf(input, operation);
  const integral = values.values.every(Number.isInteger);
  const encoded = encode(values, { fracBits: integral ? 0 : precision });
  return { shape: encoded.shape, fracBits: encoded.fracBits, vector: encoded.vector.value };
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
  const { shape, elements } = flatten(input, (value, _list, where) => {
    try {
      return toScalar(value);
    } catch {
      throw new TypeError(`${operation}: ${kindOf(value)}${where()}; operands must be numbers`);
    }
  });
  return FloatTensor.from(Float64Array.from(elements, Number), shape);
}

/** `a boolean`, `null`, `a SharedVariable`. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return `a ${typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value}`;
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
