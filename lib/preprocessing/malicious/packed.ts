import type { OperationLink } from "../../channel/operation-link";
import { SETTLE_AT_ONCE } from "../../crypto/settlement";
import type { OtState } from "./ot-state";
import { WIDE } from "./ring-vole";

/** Elements mod 2^168 lie in memory as 24 bytes and travel as 21. */
export const PACKED = 21;
/** Bytes that kernels write or read behind packed elements. */
export const SPILL = WIDE - PACKED;

/** Packed elements are added modulo two to this power. */
const BITS = 168;

/** Open values: replace this party's shares mod 2^168 by the values, in one round. */
export async function openPacked(link: OperationLink, { kernels }: OtState, at: number, count: number) {
  const packed = kernels.allocate(count * PACKED + SPILL);
  kernels.run.pack(at, count, packed);
  kernels.write(packed, await link.exchange(kernels.read(packed, count * PACKED)));
  kernels.run.addPacked(packed, count, at);
}

/** Open values that party 0 knows, its share being the value and the other's zero: only party 0 sends. */
export async function openPackedOfZero(link: OperationLink, { kernels }: OtState, at: number, count: number) {
  const packed = kernels.allocate(count * PACKED + SPILL);
  if (link.party === 0) {
    kernels.run.pack(at, count, packed);
    link.send(kernels.read(packed, count * PACKED));
    return;
  }
  kernels.write(packed, await link.receive(count * PACKED));
  kernels.run.addPacked(packed, count, at);
}

/**
 * Check by commitments that an element whose shares both parties hold is zero mod 2^168.
 *
 * @param purpose - bound into the commitment
 * @param sum - address of this party's share
 * @throws {CheckError} the element is not zero
 */
export async function checkZero(
  link: OperationLink,
  { kernels, identity, settlement = SETTLE_AT_ONCE }: OtState,
  purpose: string,
  sum: number,
  message: string,
): Promise<void> {
  const share = kernels.read(sum, PACKED);
  await settlement.settle(link, identity, { purpose, share, bits: BITS, check: "sacrifice", message });
}
