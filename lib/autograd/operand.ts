import { type PublicTensor, requireScale } from "../primitives/shared-tensor";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import type { TensorInput } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";

/** A value that both parties know and use as it is: a number, nested arrays, a mathjs matrix, or a tensor. */
export type PublicInput = TensorInput | FloatTensor | LongTensor;

/**
 * A public factor: like any public operand, but one that is not zero must not be rounded to zero.
 *
 * @throws {RangeError} a factor is too small for the session's precision
 */
export function publicFactor(input: PublicInput, precision: number): PublicTensor {
  const factor = publicTensor(input, precision);
  if (typeof input === "number" && input !== 0 && factor.vector.ring.sum(factor.vector) === 0n) {
    throw new RangeError(
      `a factor of ${input} is below 2^-${precision + 1}, zero at ${precision} fractional bits`,
    );
  }
  return factor;
}

/**
 * A public operand. Integers keep no fractional bits, so multiplying by them needs no truncation; other numbers are
 * encoded at the session's precision.
 *
 * @throws {TypeError} this party's share was passed where both parties need the same public value
 */
export function publicTensor(input: PublicInput, precision: number): PublicTensor {
  if (input instanceof LongTensor) {
    if (input.isShare)
      throw new TypeError("a share is no public value: wrap it in a SharedVariable on both sides");
    if (input.origin.sources.some(({ kind }) => kind === "share")) {
      throw new TypeError(
        "what was computed from this party's share is no public value: compute on the SharedVariable itself, or open " +
          "it with `await x.reveal()` first",
      );
    }
    requireScale(input.fracBits, "a public operand");
    return { shape: input.shape, fracBits: input.fracBits, vector: input.vector.value };
  }
  const values = new FloatTensor(input);
  const integral = values.values.every(Number.isInteger);
  const encoded = encode(values, { fracBits: integral ? 0 : precision });
  return { shape: encoded.shape, fracBits: encoded.fracBits, vector: encoded.vector.value };
}
