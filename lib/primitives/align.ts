import type { Share } from "../protocol/scheme";
import { type Ring, type RingVector, scope } from "../ring";
import type { OperationContext } from "../session/executor/executor";
import type { Operand } from "../session/lockstep/lockstep";
import { VALUE_BITS } from "../tensor/fixed-point";
import { broadcastStrides, type Shape, sameShape } from "../tensor/shape";
import type { PublicTensor } from "./shared-tensor";

/** Apply a map that is linear in one share; free its intermediate vectors. */
export function mapShare(
  { scheme }: OperationContext,
  x: Share,
  map: (ring: Ring, vector: RingVector) => RingVector,
): Share {
  return scope(() => scheme.linear([x], (ring, [vector]) => map(ring, vector!)));
}

/** @throws {RangeError} every number but zero would overflow at a scale of more fractional bits */
export function requireShift(x: Operand, fracBits: number): void {
  if (fracBits - x.fracBits < VALUE_BITS) return;
  throw new RangeError(
    `a value of ${x.fracBits} fractional bits does not fit at ${fracBits}: every number but zero would overflow; use ` +
      "scales that are closer together",
  );
}

/** Bring a share to a scale of more fractional bits, and broadcast it to a shape. */
export function align(ctx: OperationContext, x: Share, from: Operand, shape: Shape, fracBits: number): Share {
  const shift = fracBits - from.fracBits;
  const scaled = shift === 0 ? x : mapShare(ctx, x, (ring, vector) => ring.shiftLeft(vector, shift));
  return spread(ctx, scaled, from.shape, shape);
}

/** Broadcast a share to a shape. */
export function spread(ctx: OperationContext, x: Share, from: Shape, to: Shape): Share {
  return sameShape(from, to) ? x : mapShare(ctx, x, (_, vector) => spreadVector(vector, from, to));
}

/** @throws {RangeError} a public value does not fit once it is brought to a scale of more fractional bits */
export function requireRoom({ vector }: PublicTensor, shift: number): void {
  if (shift === 0) return;
  const limit = 1n << BigInt(VALUE_BITS - shift);
  if (vector.ring.toSignedBigInts(vector).some((value) => value >= limit || value <= -limit)) {
    throw new RangeError(
      `a public value is too large for the shared value's scale: counted in units of its own last bit, it must be below ` +
        `2^${VALUE_BITS - shift} in magnitude`,
    );
  }
}

/** Broadcast a public value to a shape. */
export function spreadPublic({ vector, shape }: PublicTensor, to: Shape): RingVector {
  return spreadVector(vector, shape, to);
}

/** Broadcast a vector of elements from one shape to another. */
export function spreadVector(vector: RingVector, from: Shape, to: Shape): RingVector {
  return sameShape(from, to) ? vector : vector.ring.strided(vector, to, broadcastStrides(from, to), 0);
}
