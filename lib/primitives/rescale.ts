import type { OperationContext } from "../protocol/context";
import type { Work } from "../protocol/scheme";
import type { DistributedInterface } from "../session/distributed-interface";
import type { Operand } from "../session/lockstep/lockstep";
import { VALUE_BITS } from "../tensor/fixed-point";

/**
 * Where the product of two factors goes: back to the session's precision, if it is finer.
 *
 * @throws {RangeError} it has so many fractional bits that they cannot be cut off
 */
export function rescale({ precision }: DistributedInterface, factors: readonly [Operand, Operand]) {
  const [x, y] = factors.map((factor) => factor.fracBits) as [number, number];
  const fracBits = x + y;
  const excess = Math.max(0, fracBits - precision);
  if (excess > VALUE_BITS) {
    throw new RangeError(
      `the product of factors of ${x} and ${y} fractional bits would have to lose ${excess} bits to come back to ` +
        `${precision}, and at most ${VALUE_BITS} can be cut off: use factors with fewer fractional bits`,
    );
  }
  return {
    fracBits: fracBits - excess,
    /** @param products - undefined for what is no product of secrets */
    work(results: number, products?: number): Work | undefined {
      if (products === undefined && excess === 0) return undefined;
      return { products: products ?? 0, truncations: excess > 0 ? results : 0, bits: excess };
    },
    apply(ctx: OperationContext, product: unknown): unknown {
      return excess === 0 ? product : ctx.scheme.truncate(ctx, product, excess);
    },
  };
}
