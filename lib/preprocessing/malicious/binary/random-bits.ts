import type { OperationLink } from "../../../channel/operation-link";
import type { BitKey } from "../../../sharing/bits";
import { extendBoth } from "../../ot/extend";
import type { OtState } from "../ot-state";

/** Addresses of blocks in kernel memory: this party's bits with their MACs, and the keys of the other party's. */
export interface BitBlocks {
  readonly own: number;
  readonly keys: number;
}

/**
 * Return this party's key for bits: the extension's Delta with its lowest bit set. Both parties then clear that bit in
 * every row, which keeps the equation and needs no message. The bit is public; the other 127 bits are secret.
 */
export function bitKeyOf({ sender, identity }: Pick<OtState, "sender" | "identity">): BitKey {
  const delta = sender.delta.slice();
  delta[0]! |= 1;
  return { party: identity.party, delta };
}

/**
 * Make random bits that each party knows half of: its own bits and MACs, and keys for the other party's.
 *
 * The choice bits of a run of the OT extension are the bits, the receiver's rows their MACs, and the sender's rows the
 * keys: row = row' ⊕ bit·Delta. The extension's own check covers them. Rows of a run serve either here or as pads, never
 * both; and each run of either use tosses the keys of its hash anew.
 *
 * @param count - a multiple of 128
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort. Source: ePrint 2022/192, section 4 (its subspace VOLE is the authentication).
 */
export async function makeRandomBits(
  link: OperationLink,
  { identity, kernels, sender, receiver }: OtState,
  count: number,
): Promise<BitBlocks> {
  await extendBoth(link, identity, sender, receiver, count);
  const { choices } = receiver;
  const own = receiver.rows();
  kernels.run.setLow(own, choices, count);
  const keys = sender.rows();
  kernels.run.clearLow(keys, count);
  return { own, keys };
}
