import type { OperationLink } from "../channel/operation-link";
import { keep, type OpenedVectors, type RingVector, ring128, scope } from "../ring";
import type { AuthenticatedVector } from "./authenticated";
import { BitLog } from "./bit-log";

/** Bytes of an opened element: its 64 low bits. */
const LOW_BYTES = 8;
const LOW_MASK = (1n << 64n) - 1n;

/** Values that were opened, or claimed to be zero, and must still be checked. */
export interface Opening extends OpenedVectors {
  /** This party's full shares; their upper words are never sent unmasked. */
  readonly values: RingVector;
  /** This party's shares of the MACs. */
  readonly macs: RingVector;
  /** The low words of the opened values, as both parties computed them from their messages: public. */
  readonly opened: RingVector;
}

/** Openings, in the order in which both parties made them. Send nothing that depends on them before the check. */
export class OpeningLog {
  /** Bits that were opened. Every check of this log checks them too. */
  readonly bits = new BitLog();
  #openings: Opening[] = [];
  #size = 0;

  /** Elements opened since the last check. */
  get size(): number {
    return this.#size;
  }

  add(opening: Opening): void {
    this.#openings.push(opening);
    this.#size += opening.values.length;
  }

  /**
   * Log the claim that `x` is zero mod 2^64. Nothing is sent; the check verifies it. The log takes over the vectors.
   */
  claimZero({ value, mac }: AuthenticatedVector): void {
    const opened = keep(value.ring.zeros(value.length));
    this.add({ values: keep(value), macs: keep(mac), opened });
  }

  /** Return all openings, and clear the log. */
  drain(): Opening[] {
    const openings = this.#openings;
    this.#openings = [];
    this.#size = 0;
    return openings;
  }
}

/** Pack the low words of 16-byte elements. */
export function lowWords(elements: Uint8Array): Uint8Array {
  const count = elements.length / 16;
  const from = new Int32Array(elements.buffer, elements.byteOffset, count * 4);
  const to = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    to[2 * i] = from[4 * i]!;
    to[2 * i + 1] = from[4 * i + 1]!;
  }
  return new Uint8Array(to.buffer);
}

/** Widen words of 64 bits to elements mod 2^128. */
export function widenWords(words: Uint8Array): RingVector {
  const count = words.length / LOW_BYTES;
  const aligned = words.byteOffset % 4 === 0 ? words : words.slice();
  const from = new Int32Array(aligned.buffer, aligned.byteOffset, count * 2);
  const to = new Int32Array(count * 4);
  for (let i = 0; i < count; i++) {
    to[4 * i] = from[2 * i]!;
    to[4 * i + 1] = from[2 * i + 1]!;
  }
  return ring128.fromBytes(new Uint8Array(to.buffer), count);
}

/** An opening between its two halves. */
export interface Begun {
  /** The message to the other party, and a copy, because the link takes over the message. */
  readonly message: Uint8Array;
  readonly mine: Uint8Array;
  readonly values: RingVector;
  readonly macs: RingVector;
  readonly lengths: readonly number[];
}

/** The first half of `openShares`. There are two halves, so that each can run in a scope that frees its vectors. */
export function beginOpening(shares: readonly AuthenticatedVector[]): Begun {
  const value = shares.length === 1 ? shares[0]!.value : ring128.concat(shares.map((share) => share.value));
  const message = lowWords(ring128.toBytes(value));
  // Copy, because the callers keep the operands.
  const values = keep(ring128.concat([value]));
  const macs = keep(ring128.concat(shares.map((share) => share.mac)));
  return { message, mine: message.slice(), values, macs, lengths: shares.map(({ value }) => value.length) };
}

/** The second half of `openShares`: compute the values from the other party's message. */
export function endOpening(
  log: OpeningLog,
  { mine, values, macs, lengths }: Begun,
  theirs: Uint8Array,
): RingVector[] {
  const sums = ring128.add(widenWords(mine), widenWords(theirs));
  const opened = keep(ring128.andScalar(sums, LOW_MASK));
  log.add({ values, macs, opened });
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return ring128.slice(opened, at - length, at);
  });
}

/**
 * Open vectors mod 2^64 to both parties at once, and log them for the MAC check. The values are provisional until that
 * check: a cheating party may have added to them.
 *
 * Only the low words are sent. The bits above 2^64 could reveal more than the value; the check uses them, masked.
 *
 * @param what - a label for the message, for users
 * @returns the values below 2^64, in the same order
 *
 * Rounds: 1, of 8 bytes for each element each way. Security: active, provisional until the MAC check.
 * Source: SPDZ2k, ePrint 2018/482, BatchCheck (fig. 4), step 1.
 */
export async function openShares(
  link: OperationLink,
  log: OpeningLog,
  shares: readonly AuthenticatedVector[],
  what?: string,
): Promise<RingVector[]> {
  const begun = scope(() => beginOpening(shares));
  const theirs = await link.exchange(begun.message, what);
  return scope(() => endOpening(log, begun, theirs));
}
