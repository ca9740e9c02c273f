import type { OperationLink } from "../channel/operation-link";
import type { BitLog } from "./bit-log";
import { addChosen, type BitKey, type BitVector, bitCount, packBits, packedBytes } from "./bits";

/**
 * Open bits to both parties, and log them for the check of their MACs. The values are provisional until then: a cheating
 * party may have flipped them.
 *
 * @returns the values, packed
 *
 * Rounds: 1, of 1 bit each way for each bit. Security: active, provisional until `checkBits`.
 */
export async function openBits(
  link: OperationLink,
  key: BitKey,
  log: BitLog,
  shares: BitVector,
  what?: string,
): Promise<Uint8Array> {
  const mine = packBits(shares);
  const theirs = await link.exchange(mine.slice(), what);
  return endBitOpening(key, log, shares, mine, theirs);
}

/** The second half of `openBits`: compute the values from the other party's message. */
export function endBitOpening(
  { delta }: BitKey,
  log: BitLog,
  shares: BitVector,
  mine: Uint8Array,
  theirs: Uint8Array,
): Uint8Array {
  const expected = shares.keys.slice();
  addChosen(expected, theirs, delta);
  log.add(shares.own, expected);
  const values = mine.map((byte, i) => byte ^ theirs[i]!);
  // The rest of the last byte is the other party's to choose.
  const rest = bitCount(shares) % 8;
  if (rest > 0) values[packedBytes(bitCount(shares)) - 1]! &= (1 << rest) - 1;
  return values;
}
