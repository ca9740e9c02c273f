/** Sums of many subsets of openings at once. */

import { requireRing, requireSameLength } from "../check";
import type { OpenedVectors, RingVector } from "../ring";
import { slice } from "./arrange";
import type { Workspace } from "./workspace";

const ROWS = 64;
/** Elements and bytes of a group; see Ring.subsetSums. */
const GROUP = 4;
const GROUP_BYTES = 32;
/** Bytes of the kernel's tables and sums. */
const SCRATCH = 15_360;

export function subsetSums(
  w: Workspace,
  { values, macs, opened }: OpenedVectors,
  subsets: Uint8Array,
): OpenedVectors {
  for (const vector of [values, macs, opened]) {
    requireRing(w.ring, vector);
    requireSameLength(values, vector);
  }
  const n = values.length;
  const size = Math.ceil(n / GROUP) * GROUP_BYTES;
  if (subsets.length !== size)
    throw new RangeError(`subsets of ${n} elements must have ${size} bytes, got ${subsets.length}`);
  const out = w.create(3 * ROWS);
  w.withScratch(size + SCRATCH, (scratch) => {
    w.engine.bytes.set(subsets, scratch);
    const [x, m, v] = [values, macs, opened].map((vector) => w.address(vector)) as [number, number, number];
    w.engine.exports.subsetSums128(out.address, x, m, v, scratch, n, scratch + size);
  });
  const part = (i: number): RingVector => slice(w, out, i * ROWS, (i + 1) * ROWS);
  const sums = { values: part(0), macs: part(1), opened: part(2) };
  out.dispose();
  return sums;
}
