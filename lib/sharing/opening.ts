import type { OperationLink } from "../channel/operation-link";
import { keep, type OpenedVectors, type RingVector, ring128, scope } from "../ring";
import type { AuthenticatedVector } from "./authenticated";

/** Bytes of an opened element: its 64 low bits. */
const LOW_BYTES = 8;
const LOW_MASK = (1n << 64n) - 1n;

/** What was opened, or claimed to be zero, and is still to be checked. */
export interface Opening extends OpenedVectors {
  /** This party's shares, whole: the upper words never leave as they are. */
  readonly values: RingVector;
  /** This party's shares of the MACs. */
  readonly macs: RingVector;
  /** The low words of what was opened, as both parties computed them from what they sent each other: public. */
  readonly opened: RingVector;
}

/** Openings in the order in which both parties made them. Nothing that follows from them may leave before the check. */
export class OpeningLog {
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

  /** Notes that `x` is claimed to be zero mod 2^64. Nothing is sent; the check finds out. The vectors are the log's. */
  claimZero({ value, mac }: AuthenticatedVector): void {
    const opened = keep(value.ring.zeros(value.length));
    this.add({ values: keep(value), macs: keep(mac), opened });
  }

  /** Hands over all openings, and forgets them. */
  drain(): Opening[] {
    const openings = this.#openings;
    this.#openings = [];
    this.#size = 0;
    return openings;
  }
}

/** The low words of 16-byte elements, packed. */
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

/** Words of 64 bits as elements mod 2^128. */
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
  /** What goes to the other party, and a copy of it, for the link keeps what it is given. */
  readonly message: Uint8Array;
  readonly mine: Uint8Array;
  readonly values: RingVector;
  readonly macs: RingVector;
  readonly lengths: readonly number[];
}

/** The first half of `openShares`. Two halves, so that each can be part of a scope and leave no vectors behind. */
export function beginOpening(shares: readonly AuthenticatedVector[]): Begun {
  const value = shares.length === 1 ? shares[0]!.value : ring128.concat(shares.map((share) => share.value));
  const message = lowWords(ring128.toBytes(value));
  // Copies: the operands stay their owners'.
  const values = keep(ring128.concat([value]));
  const macs = keep(ring128.concat(shares.map((share) => share.mac)));
  return { message, mine: message.slice(), values, macs, lengths: shares.map(({ value }) => value.length) };
}

/** The second half of `openShares`: the values, from what the other party sent. */
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
 * Opens vectors mod 2^64 to both parties, at once, and notes them for the MAC check. What comes back is provisional
 * until that check: a cheating party can have added to it.
 *
 * Only the low words leave. The bits above 2^64 could tell more than the value; the check uses them, masked.
 *
 * @param what - for people: what they are
 * @returns the values below 2^64, in the same order
 *
 * Cost: 1 round, 8 bytes for each element each way. Security: active, provisional until the MAC check.
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
