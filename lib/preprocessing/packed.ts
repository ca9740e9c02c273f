import type { OperationLink } from "../channel/operation-link";
import { exchangeCommitted } from "../crypto/commitment";
import { CheckError } from "../errors";
import type { Machine } from "./machine";
import { WIDE } from "./ring-vole";

/** Elements mod 2^168 lie in memory as 24 bytes and travel as 21. */
export const PACKED = 21;
/** What kernels write or read behind packed elements. */
export const SPILL = WIDE - PACKED;

const MOD = 1n << 168n;

/** Replaces shares mod 2^168 by what they share; 1 round, 21 bytes for each. */
export async function openPacked(link: OperationLink, { kernels }: Machine, at: number, count: number) {
  const packed = kernels.allocate(count * PACKED + SPILL);
  kernels.run.pack(at, count, packed);
  kernels.write(packed, await link.exchange(kernels.read(packed, count * PACKED)));
  kernels.run.addPacked(packed, count, at);
}

/**
 * Opens, by commitments, an element whose shares must add up to zero mod 2^168.
 *
 * @param purpose - bound into the commitment
 * @param sum - address of this party's share
 * @throws {CheckError} it is not zero
 *
 * Cost: 2 rounds, 85 bytes.
 */
export async function checkZero(
  link: OperationLink,
  { kernels, identity }: Machine,
  purpose: string,
  sum: number,
  message: string,
): Promise<void> {
  const mine = kernels.read(sum, PACKED);
  const theirs = await exchangeCommitted(link, identity, purpose, mine);
  if ((toInteger(mine) + toInteger(theirs)) % MOD !== 0n) throw new CheckError("sacrifice", message);
}

function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
