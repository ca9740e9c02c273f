/** Comparison of each element with a constant. */

import { requireRelation } from "../check";
import { type Integer, toBigInt } from "../integer";
import type { Relation, RingVector } from "../ring";
import { split, type Workspace } from "./workspace";

export function compareScalar(
  w: Workspace,
  x: RingVector,
  relation: Relation,
  value: Integer,
  signed = true,
): RingVector {
  requireRelation(relation);
  const half = 1n << BigInt(w.ring.bits - 1);
  const [least, most] = signed ? [-half, half - 1n] : [0n, 2n * half - 1n];
  // a ≤ c is a < c + 1; the other relations are these two or their negations.
  const inclusive = relation === "<=" || relation === ">";
  const bound = toBigInt(value) + (inclusive ? 1n : 0n);
  const flip = relation === "!=" || relation === ">=" || relation === ">" ? 1 : 0;
  const [lo, hi] = split(bound);
  const out = w.like(x);
  if (relation === "==" || relation === "!=") {
    if (bound < least || bound > most) w.kernels.fill(out.address, x.length, BigInt(flip), 0n);
    else w.kernels.eq(out.address, w.address(x), x.length, lo, hi, flip);
  } else if (bound <= least || bound > most) {
    w.kernels.fill(out.address, x.length, BigInt(bound > most ? 1 - flip : flip), 0n);
  } else {
    w.kernels.lt(out.address, w.address(x), x.length, lo, hi, signed ? 0n : 1n << 63n, flip);
  }
  return out;
}
