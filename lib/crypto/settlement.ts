import type { OperationLink } from "../channel/operation-link";
import { CheckError, type CheckKind } from "../errors";
import { Committed } from "./commitment";
import type { Identity } from "./identity";

/** A check that holds when both parties' shares add up to zero. */
export interface ZeroCheck {
  /** Bound into the commitment. */
  readonly purpose: string;
  /** This party's share: an integer, little-endian. */
  readonly share: Uint8Array;
  /** The shares are added modulo 2^bits. */
  readonly bits: number;
  /** What failed, for the error. */
  readonly check: CheckKind;
  readonly message: string;
}

/**
 * How checks end: the parties commit to their shares, open them, and the sum must be zero. A part of its own, so that
 * shares that were committed to in one place can be opened in another.
 */
export interface Settlement {
  /** @throws {CheckError} the sum is not zero, or the other party opened something it had not committed to */
  settle(link: OperationLink, identity: Identity, check: ZeroCheck): Promise<void>;
}

/** Commits and opens at once, over the link of the check itself and through the gate of its session. */
export const SETTLE_AT_ONCE: Settlement = {
  async settle(link, identity, check) {
    const mine = Committed.to(identity, "check", check.purpose, check.share);
    const theirs = await link.exchange(mine.commitment.slice(), "commitment");
    await openZero(link, mine, theirs, check);
  },
};

/**
 * The second half, from both commitments on.
 *
 * @throws {CheckError} the sum is not zero, or the other party opened something it had not committed to
 */
export async function openZero(
  link: OperationLink,
  mine: Committed,
  theirs: Uint8Array,
  { share, bits, check, message }: ZeroCheck,
): Promise<void> {
  const other = await mine.open(link, theirs);
  if (BigInt.asUintN(bits, toInteger(share) + toInteger(other)) !== 0n) throw new CheckError(check, message);
  mine.settle();
}

function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
