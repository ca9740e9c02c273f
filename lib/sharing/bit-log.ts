import { createHash } from "node:crypto";
import type { Party } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { equalBytes } from "../crypto/bytes";
import { hashLabelled } from "../crypto/hash";
import type { Identity } from "../crypto/identity";
import { CheckError } from "../errors";

/** Bytes of a digest of MACs. */
export const DIGEST_BYTES = 32;

/** The digests of the MACs in a log, of this party's bits and of the other party's as they must be. */
interface BitDigests {
  readonly own: Uint8Array;
  readonly expected: Uint8Array;
}

/**
 * Digests of the MACs of all bits that were opened and must still be checked. It keeps no MAC: hashes run along with the
 * openings.
 */
export class BitLog {
  #own = createHash("sha256");
  #expected = createHash("sha256");
  #size = 0;

  /** Bits opened since the last check. */
  get size(): number {
    return this.#size;
  }

  /**
   * Log bits that were opened.
   *
   * @param own - this party's MACs with its bits
   * @param expected - the MACs with the bits that the other party sent, as this party's keys say
   */
  add(own: Uint8Array, expected: Uint8Array): void {
    this.#own.update(own);
    this.#expected.update(expected);
    this.#size += own.length / 16;
  }

  /** Return the digests, and clear the log. */
  drain(): BitDigests {
    const digests = { own: digestOf(this.#own), expected: digestOf(this.#expected) };
    this.#own = createHash("sha256");
    this.#expected = createHash("sha256");
    this.#size = 0;
    return digests;
  }
}

/**
 * Check the MACs of all bits that were opened: each party sends one hash of its own MACs, and compares the other party's
 * with the hash that its keys give.
 *
 * A party's hash tells the other party nothing, whatever that one did: it knows every key, and was sent every bit, so it
 * can compute the hash itself. So there is no share of a check to hold back, and the order of the messages does not
 * matter. A party that sent a wrong bit passes only if it guesses the other party's delta, or breaks SHA-256.
 *
 * @param logs - both parties' in the same order; consumed
 * @throws {CheckError} the other party sent a bit that does not have its MAC
 *
 * Rounds: 1, of 32 bytes, or none if no bits were opened. Security: active.
 * Source: the check of opened bits in ePrint 2011/091, with the hash of all MACs at once.
 */
export async function checkBits(
  link: OperationLink,
  identity: Identity,
  logs: readonly BitLog[],
): Promise<void> {
  const used = logs.filter(({ size }) => size > 0);
  if (used.length === 0) return;
  const number = identity.counter("bits");
  const sizes = used.map(({ size }) => size);
  const digests = used.map((log) => log.drain());
  const digest = (party: Party, of: keyof BitDigests) => {
    const place = new Float64Array([party, number, ...sizes]);
    return hashLabelled(
      "bits/macs",
      identity.session,
      new Uint8Array(place.buffer),
      ...digests.map((each) => each[of]),
    );
  };
  const { party } = identity;
  const theirs = await link.exchange(digest(party, "own"), "MAC check of bits");
  if (!equalBytes(theirs, digest((1 - party) as Party, "expected")))
    throw new CheckError(
      "mac",
      "the MAC check failed: the other party changed a bit that it sent. Nothing that depends on it was revealed; the " +
        "session has ended and its keys are destroyed.",
    );
}

function digestOf(hash: ReturnType<typeof createHash>): Uint8Array {
  return new Uint8Array(hash.digest());
}
