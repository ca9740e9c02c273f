/** Sums of a whole vector, over an axis, and running along it. */

import { requireAxes, requireRing } from "../check";
import type { RingVector } from "../ring";
import { toBigInts } from "./convert";
import type { Workspace } from "./workspace";

export function sum(w: Workspace, x: RingVector): bigint {
  const total = sumAxis(w, x, 1, x.length, 1);
  const [value] = toBigInts(w, total);
  total.dispose();
  return value!;
}

export function sumAxis(w: Workspace, x: RingVector, outer: number, axis: number, inner: number): RingVector {
  requireRing(w.ring, x);
  requireAxes(x, outer, axis, inner);
  const out = w.create(outer * inner);
  w.kernels.sumAxis(out.address, w.address(x), outer, axis, inner);
  return out;
}

export function cumulateAxis(
  w: Workspace,
  x: RingVector,
  outer: number,
  axis: number,
  inner: number,
): RingVector {
  requireRing(w.ring, x);
  requireAxes(x, outer, axis, inner);
  const out = w.create(x.length);
  w.kernels.cumulateAxis(out.address, w.address(x), outer, axis, inner);
  return out;
}
