import { scope } from "../ring";
import type { Operand } from "../session/lockstep/lockstep";
import { broadcastShapes, type Shape } from "../tensor/shape";
import { align, mapShare, requireRoom, spreadPublic } from "./align";
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

/** Compute −x. No message. */
export function negate(x: SharedTensor): SharedTensor {
  const { iface, shape, fracBits } = x;
  return issue({ kind: "neg", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) => ring.neg(vector)),
  );
}
