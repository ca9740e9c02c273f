import type { OperationLink } from "../../../channel/operation-link";
import { BLOCK } from "../../../sharing/bits";
import type { RawVector } from "../../kinds/raw";
import type { OtState } from "../ot-state";
import { bucketSize, combineAnds } from "./buckets";
import { makeLeakyAnds } from "./leaky-ands";
import type { BitBlocks } from "./random-bits";

/**
 * Make authenticated random bits a and b, and c = a ∧ b, which neither party knows: leaky ANDs, combined in buckets.
 *
 * @param count - 512 or more; large batches cost less for each
 * @returns of each this party's bits with their MACs, and keys; nothing is returned before all checks passed
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort, 2^−53 for a batch. Source: ePrint 2018/578 and 2017/030.
 */
export async function makeAndTriples(
  link: OperationLink,
  state: OtState,
  count: number,
): Promise<[a: RawVector, b: RawVector, c: RawVector]> {
  const { kernels } = state;
  const size = bucketSize(count);
  const mark = kernels.mark;
  try {
    const leaky = await makeLeakyAnds(link, state, count * size);
    const { x, y, z } = await combineAnds(link, state, leaky, count, size);
    const read = ({ own, keys }: BitBlocks): RawVector => ({
      values: kernels.read(own, count * BLOCK),
      macs: kernels.read(keys, count * BLOCK),
    });
    return [read(x), read(y), read(z)];
  } finally {
    kernels.release(mark);
  }
}
