import { DIGEST_BYTES } from "../../sharing/bit-log";
import { rowsOf } from "../../sharing/mac-rows";
import { type Demand, NO_DEMAND } from "../demand";

/** Bytes of a commitment and of its opening, for the 16-byte coins and shares of a check. */
const COMMITMENT = 32;
const OPENED = 32 + 16;
const ELEMENT = 16;

/**
 * Return the demand of a MAC check of so many openings, and of so many bits: a mask for each row, the rounds of
 * `checkMacs`, and the digest of `checkBits`.
 */
export function checkDemand(openings: number, bits = 0): Demand {
  if (bits > 0) {
    const rest = checkDemand(openings);
    return { ...rest, rounds: rest.rounds + 1, bytes: rest.bytes + DIGEST_BYTES };
  }
  if (openings === 0) return NO_DEMAND;
  const rows = rowsOf(openings);
  const bytes = rows * ELEMENT + 2 * (COMMITMENT + OPENED);
  const items = { random: rows };
  return openings > rows
    ? { items, rounds: 6, bytes: bytes + COMMITMENT + OPENED }
    : { items, rounds: 4, bytes };
}

/** Return the demand of opening so many values and checking them: for few values, the check is the opening. */
export function openCheckedDemand(length: number): Demand {
  const check = checkDemand(length);
  if (length === (check.items.random ?? 0)) return check;
  return { ...check, rounds: check.rounds + 1, bytes: check.bytes + 8 * length };
}
