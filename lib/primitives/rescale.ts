import type { Share } from "../protocol/scheme";
import { type Use, use } from "../protocol/step";
import { truncate } from "../protocol/steps/truncate";
import type { Operand } from "../session/lockstep/lockstep";
import { VALUE_BITS } from "../tensor/fixed-point";

/** A truncation of products. */
type Cut = Use<readonly [x: Share], Share>;

/** The scale of a product's result, and how to get there. */
interface Rescaling {
  /** The result's fractional bits. */
  readonly fracBits: number;
  /** The truncation of `length` products; undefined if they keep their scale. */
  cut(length: number): Cut | undefined;
}

/**
 * Plan to bring the product of two factors back to a precision, if it has more fractional bits.
 *
 * @throws {RangeError} it has too many fractional bits to cut off
 */
export function rescale(precision: number, factors: readonly [Operand, Operand]): Rescaling {
  const [x, y] = factors.map((factor) => factor.fracBits) as [number, number];
  const fracBits = x + y;
  const bits = Math.max(0, fracBits - precision);
  if (bits > VALUE_BITS) {
    throw new RangeError(
      `the product of factors with ${x} and ${y} fractional bits has ${bits} bits more than the session's precision, ` +
        `${precision}, and at most ${VALUE_BITS} can be cut off: use factors with fewer fractional bits`,
    );
  }
  return {
    fracBits: fracBits - bits,
    cut: (length) => (bits === 0 ? undefined : use(truncate, { length, bits })),
  };
}
