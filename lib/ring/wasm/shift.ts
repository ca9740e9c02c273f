/** Shifts, and single bits of each element. */

import { requireBit, requireShift } from "../check";
import type { RingVector } from "../ring";
import { zeros } from "./create";
import { each } from "./each";
import type { Kernels } from "./exports";
import type { Workspace } from "./workspace";

export function shiftLeft(w: Workspace, x: RingVector, bits: number): RingVector {
  requireShift(bits);
  if (bits >= w.ring.bits) return zerosLike(w, x);
  return shift(w, w.kernels.shl, x, bits);
}

export function shiftRight(w: Workspace, x: RingVector, bits: number): RingVector {
  requireShift(bits);
  if (bits >= w.ring.bits) return zerosLike(w, x);
  return shift(w, w.kernels.shr, x, bits);
}

export function shiftRightSigned(w: Workspace, x: RingVector, bits: number): RingVector {
  requireShift(bits);
  return shift(w, w.kernels.sar, x, Math.min(bits, w.ring.bits - 1));
}

export function bit(w: Workspace, x: RingVector, index: number): RingVector {
  requireBit(w.ring, index);
  return shift(w, w.kernels.bit, x, index);
}

function shift(w: Workspace, kernel: Kernels["shl"], x: RingVector, bits: number): RingVector {
  const out = w.like(x);
  each(w, kernel, [out.address, w.address(x)], x.length, bits);
  return out;
}

function zerosLike(w: Workspace, x: RingVector): RingVector {
  w.address(x);
  return zeros(w, x.length);
}
