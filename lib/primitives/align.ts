import type { OperationContext } from "../protocol/context";
import type { Operand } from "../session/lockstep/lockstep";
import { VALUE_BITS } from "../tensor/fixed-point";
import { broadcastIndices, type Shape, sameShape } from "../tensor/shape";
import type { PublicTensor } from "./shared-tensor";

/** A share brought to a shape and a finer scale. */
export function align(
  ctx: OperationContext,
  x: unknown,
  from: Operand,
  shape: Shape,
  fracBits: number,
): unknown {
  const scaled = from.fracBits === fracBits ? x : ctx.scheme.shiftLeft(x, fracBits - from.fracBits);
  return spread(ctx, scaled, from.shape, shape);
}

/** A share repeated to a shape. */
export function spread({ scheme }: OperationContext, x: unknown, from: Shape, to: Shape): unknown {
  return sameShape(from, to) ? x : scheme.gather(x, broadcastIndices(from, to));
}

/** @throws {RangeError} a public value does not fit once it is brought to a finer scale */
export function requireRoom({ vector }: PublicTensor, shift: number): void {
  if (shift === 0) return;
  const limit = 1n << BigInt(VALUE_BITS - shift);
  if (vector.ring.toSignedBigInts(vector).some((value) => value >= limit || value <= -limit)) {
    throw new RangeError(
      `a public value of 2^${VALUE_BITS - shift} or more does not fit beside the shared one`,
    );
  }
}

/** A public value repeated to a shape. */
export function spreadPublic({ vector, shape }: PublicTensor, to: Shape): PublicTensor["vector"] {
  return sameShape(shape, to) ? vector : vector.ring.gather(vector, broadcastIndices(shape, to));
}
