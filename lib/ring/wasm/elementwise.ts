/** Arithmetic on each element of one vector, or of two or three of one length. */

import { requireRing, requireSameLength } from "../check";
import type { Integer } from "../integer";
import type { RingVector } from "../ring";
import { each } from "./each";
import type { Kernels } from "./exports";
import { split, type Workspace } from "./workspace";

/** @param byWords - the kernel takes words of 64 bits, whatever the width */
export function zip(
  w: Workspace,
  kernel: Kernels["add"],
  x: RingVector,
  y: RingVector,
  byWords = false,
): RingVector {
  requireRing(w.ring, y);
  requireSameLength(x, y);
  const out = w.like(x);
  const words = byWords ? w.ring.bits / 64 : 1;
  each(w, kernel, [out.address, w.address(x), w.address(y)], x.length * words);
  return out;
}

export function neg(w: Workspace, x: RingVector): RingVector {
  const out = w.like(x);
  each(w, w.kernels.neg, [out.address, w.address(x)], x.length);
  return out;
}

export function mulAdd(w: Workspace, x: RingVector, y: RingVector, z: RingVector): RingVector {
  requireRing(w.ring, z);
  requireRing(w.ring, y);
  requireSameLength(x, y);
  requireSameLength(y, z);
  const out = w.like(x);
  const addresses = [out.address, w.address(x), w.address(y), w.address(z)];
  each(w, w.kernels.mulAdd, addresses, x.length);
  return out;
}

export function scalar(
  w: Workspace,
  kernel: Kernels["addScalar"],
  x: RingVector,
  value: Integer,
): RingVector {
  const [lo, hi] = split(value);
  const out = w.like(x);
  each(w, kernel, [out.address, w.address(x)], x.length, lo, hi);
  return out;
}

export function equals(w: Workspace, x: RingVector, y: RingVector): boolean {
  requireSameLength(x, y);
  return w.engine.exports.equals64(w.address(x), w.address(y), (x.length * w.ring.bits) / 64) !== 0;
}
