import type { OperationLink } from "../channel/operation-link";
import { CheckError, type CheckKind } from "../errors";
import { Committed } from "./commitment";
import type { Identity } from "./identity";

/** A check that holds if both parties' shares add up to zero. */
export interface ZeroCheck {
  /** The purpose of the check; bound into the commitment. */
  readonly purpose: string;
  /** This party's share: an integer, little-endian. */
  readonly share: Uint8Array;
  /** The shares are added modulo 2^bits. */
  readonly bits: number;
  /** Which check failed, for the error. */
  readonly check: CheckKind;
  readonly message: string;
}

/**
 * The end of a check: the parties commit to their shares and open them, and the sum must be zero. It is a separate part,
 * so that shares that were committed to in one place can be opened in another.
 */
export interface Settlement {
  /** @throws {CheckError} the sum is not zero, or the other party opened something other than it committed to */
  settle(link: OperationLink, identity: Identity, check: ZeroCheck): Promise<void>;
}

/** Commit and open at once, over the link of the check itself and through the gate of its session. */
export const SETTLE_AT_ONCE: Settlement = {
  async settle(link, identity, check) {
    const mine = Committed.to(identity, "check", check.purpose, check.share);
    const theirs = await link.exchange(mine.commitment.slice(), "commitment");
    await openZero(link, mine, theirs, check);
  },
};

/**
 * The second half, once both commitments have been exchanged.
 *
 * @throws {CheckError} the sum is not zero, or the other party opened something other than it committed to
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
