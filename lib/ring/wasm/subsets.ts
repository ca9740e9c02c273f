/** Sums of many subsets at once. */

import { requireRing } from "../check";
import type { RingVector } from "../ring";
import type { Workspace } from "./workspace";

export const ROWS = 64;
/** Elements and bytes of a group; see Ring.subsetSums. */
const GROUP = 4;
const GROUP_BYTES = 32;
/** As much as the kernel's tables and sums take. */
const SCRATCH = 8 * 16 * 32 + ROWS * 32;

export function subsetSums(w: Workspace, x: RingVector, subsets: Uint8Array): RingVector {
  requireRing(w.ring, x);
  const size = Math.ceil(x.length / GROUP) * GROUP_BYTES;
  if (subsets.length !== size)
    throw new RangeError(`subsets of ${x.length} elements must have ${size} bytes, got ${subsets.length}`);
  const out = w.create(ROWS);
  w.withScratch(size + SCRATCH, (scratch) => {
    w.engine.bytes.set(subsets, scratch);
    w.engine.exports.subsetSums128(out.address, w.address(x), scratch, x.length, scratch + size);
  });
  return out;
}
