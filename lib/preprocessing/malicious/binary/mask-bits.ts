import type { OperationLink } from "../../../channel/operation-link";
import { MASK_BITS_EACH } from "../../kinds/mask-bits";
import type { RawVector } from "../../kinds/raw";
import type { OtState } from "../ot-state";
import { makePrivateDaBits } from "./dabits";

/**
 * Make masks of comparisons: 64 private bits of each party for each item, in F_2 and in the ring.
 *
 * @returns this party's bits in F_2 with their MACs, and keys; the ring's MACs of this party's bits, and of the other's
 * @throws {CheckError} the other party deviated
 */
export async function makeMaskBits(link: OperationLink, state: OtState, count: number): Promise<RawVector[]> {
  const { binary, ring } = await makePrivateDaBits(link, state, count * MASK_BITS_EACH);
  return [
    { values: binary[0].own, macs: binary[1].keys },
    { values: ring[0].macs, macs: ring[1].macs },
  ];
}
