import type { Share } from "../protocol/scheme";
import { type Use, use } from "../protocol/step";
import { truncate } from "../protocol/steps/truncate";
import type { DistributedInterface } from "../session/distributed-interface";
import type { Operand } from "../session/lockstep/lockstep";
import { VALUE_BITS } from "../tensor/fixed-point";

/** A truncation of products. */
type Cut = Use<readonly [x: Share], Share>;

/** Where a product goes. */
interface Rescaling {
  /** Of the result. */
  readonly fracBits: number;
  /** The truncation of so many products; undefined where they keep their scale. */
  cut(length: number): Cut | undefined;
}

/**
 * Brings the product of two factors back to the session's precision, if it is finer.
 *
 * @throws {RangeError} it has so many fractional bits that they cannot be cut off
 */
export function rescale(
  { precision }: DistributedInterface,
  factors: readonly [Operand, Operand],
): Rescaling {
  const [x, y] = factors.map((factor) => factor.fracBits) as [number, number];
  const fracBits = x + y;
  const bits = Math.max(0, fracBits - precision);
  if (bits > VALUE_BITS) {
    throw new RangeError(
      `the product of factors of ${x} and ${y} fractional bits would have to lose ${bits} bits to come back to ` +
        `${precision}, and at most ${VALUE_BITS} can be cut off: use factors with fewer fractional bits`,
    );
  }
  return {
    fracBits: fracBits - bits,
    cut: (length) => (bits === 0 ? undefined : use(truncate, { length, bits })),
  };
}
