import { scope } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import type { Operand } from "../session/lockstep/lockstep";
import { broadcastShapes, type Shape } from "../tensor/shape";
import { align, mapShare, requireRoom, requireShift, spreadPublic } from "./align";
import { issue } from "./issue";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/**
 * Add or subtract with broadcasting; the operand with fewer fractional bits is brought to the other's scale. No
 * message.
 */
export function combine(kind: "add" | "sub", x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape, kind);
  const fracBits = Math.max(x.fracBits, y.fracBits);
  for (const each of [x, y]) requireShift(each, fracBits);
  return issue({ kind, iface, operands: [x, y], shape, fracBits }, (ctx, [a, b]) =>
    scope(() => {
      const aligned = [align(ctx, a!, x, shape, fracBits), align(ctx, b!, y, shape, fracBits)];
      return ctx.scheme.linear(aligned, (ring, [left, right]) => ring[kind](left!, right!));
    }),
  );
}

/**
 * The shape and the scale of x + c for a public c.
 *
 * @throws {RangeError} the shapes cannot be broadcast, or c does not fit at the scale of x
 */
export function publicSum(x: Operand, c: PublicTensor): { readonly shape: Shape; readonly fracBits: number } {
  const shape = broadcastShapes(x.shape, c.shape);
  const fracBits = Math.max(x.fracBits, c.fracBits);
  requireShift(x, fracBits);
  requireRoom(c, fracBits - c.fracBits);
  return { shape, fracBits };
}

/** Compute x + c for a public c. No message. */
export function addPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const { shape, fracBits } = publicSum(x, c);
  return issue({ kind: "addPublic", iface, operands: [x], constant: c, shape, fracBits }, (ctx, [a]) => {
    const { ring } = c.vector;
    const constant = spreadPublic(c, shape);
    const aligned = c.fracBits === fracBits ? constant : ring.shiftLeft(constant, fracBits - c.fracBits);
    return ctx.scheme.addPublic(iface.party, align(ctx, a!, x, shape, fracBits), aligned);
  });
}

/**
 * Bring x to a scale of more fractional bits. No message. x itself if it has as many.
 *
 * @throws {RangeError} every number but zero would overflow
 */
export function raise(x: SharedTensor, fracBits: number): SharedTensor {
  if (x.fracBits >= fracBits) return x;
  requireShift(x, fracBits);
  const { iface, shape } = x;
  return issue({ kind: "float", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    align(ctx, a!, x, shape, fracBits),
  );
}

/** Make a secret of a value that both parties know. No message. */
export function lift(iface: DistributedInterface, c: PublicTensor, requiresGrad = false): SharedTensor {
  const { shape, fracBits, vector } = c;
  return issue({ kind: "lift", iface, operands: [], constant: c, shape, fracBits, requiresGrad }, (ctx) =>
    ctx.scheme.addPublic(iface.party, ctx.scheme.zeros(vector.length), vector),
  );
}

/** Compute −x. No message. */
export function negate(x: SharedTensor): SharedTensor {
  const { iface, shape, fracBits } = x;
  return issue({ kind: "neg", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) => ring.neg(vector)),
  );
}
