/**
 * How two parties agree on the items that both their stores still hold, from a list that each sends.
 *
 * A peer that lies in its list can make this party give up items that it holds: by a mark beyond them, or by leaving
 * them out. It could achieve the same by not bringing its store. It can do no more than that:
 *
 * - No used item returns, because each party applies its own marks and names of sessions whatever the list says.
 * - This party writes a mark only for kinds that it holds, and never beyond the last item that it holds itself.
 * - The numbers of new items must be the same at both parties, so they begin after the greatest number that either
 *   knows. This party refuses a list that is further ahead than any loss of writes could explain (MOST_LOST) before it
 *   writes anything, and its store stays as it is.
 * - This party does not follow a generation that is more than MOST_GENERATIONS_BEHIND from its own.
 * - The bytes of a list are limited, and with them the kinds and ranges in it.
 */

import type { OperationLink } from "../../channel/operation-link";
import { concatBytes, drawBytes, equalBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createPrivateRandom } from "../../crypto/prg";
import { TransportError } from "../../errors";
import type { Kind } from "../kinds/kinds";
import { readKeptKind } from "./items";
import { commonRuns, endOf, HOLDS_NOTHING, type Holding, type Run } from "./runs";

/** A party's first message: whether it has a store, and which. */
export interface StoreGreeting {
  /** The same at both parties whose stores belong together; zeros without one. */
  readonly id: Uint8Array;
  /** Drawn anew in every session, so that no two sessions draw from the same streams. */
  readonly nonce: Uint8Array;
  /** Every generation before this one may have been used. */
  readonly generation: number;
  /** Bytes of the list that follows, if the stores belong together. */
  readonly listBytes: number;
  /** Whether this party has a store. A new store has no id yet. */
  readonly keeps: boolean;
}

export const ID_BYTES = 32;
const NUMBER_BYTES = 9;
/** The longest list that a party of ours sends. */
const MOST_LIST_BYTES = 1024 * 1024;
/** The greatest number of an item: no party gets that far, and sums with it stay exact. */
const MOST_NUMBER = 2 ** 48;
/**
 * How far the other party's numbers may be ahead of this one's. Both make the same items, so an honest peer is ahead by
 * what this party's machine lost when its power failed: the items made since its disk was last written to.
 */
export const MOST_LOST = 2 ** 32;
/** How many generations one party may be behind, by a store restored from a backup or an interrupted start. */
export const MOST_GENERATIONS_BEHIND = 1024;

export const NO_STORE: Omit<StoreGreeting, "nonce"> = {
  id: new Uint8Array(ID_BYTES),
  generation: 0,
  listBytes: 0,
  keeps: false,
};

/** Exchange greetings; returns both, this party's first. */
export async function exchangeGreetings(
  link: OperationLink,
  mine: Omit<StoreGreeting, "nonce">,
): Promise<[StoreGreeting, StoreGreeting]> {
  const nonce = drawBytes(createPrivateRandom(), ID_BYTES);
  const numbers = new DataView(new ArrayBuffer(NUMBER_BYTES));
  numbers.setUint32(0, mine.generation);
  numbers.setUint32(4, mine.listBytes);
  numbers.setUint8(8, Number(mine.keeps));
  const sent = concatBytes(mine.id, nonce, new Uint8Array(numbers.buffer));
  const bytes = new Uint8Array(await link.exchange(sent, "compares stores"));
  const theirs = new DataView(bytes.buffer, 2 * ID_BYTES);
  return [
    { ...mine, nonce },
    {
      id: bytes.slice(0, ID_BYTES),
      nonce: bytes.slice(ID_BYTES, 2 * ID_BYTES),
      generation: theirs.getUint32(0),
      listBytes: theirs.getUint32(4),
      keeps: theirs.getUint8(8) === 1,
    },
  ];
}

/** Check whether two stores belong to the same sessions. Both parties get the same answer. */
export function belongTogether(mine: StoreGreeting, theirs: StoreGreeting): boolean {
  return (
    !equalBytes(mine.id, NO_STORE.id) &&
    equalBytes(mine.id, theirs.id) &&
    Math.abs(mine.generation - theirs.generation) <= MOST_GENERATIONS_BEHIND &&
    Math.max(mine.generation, theirs.generation) < 2 ** 31
  );
}

/** Derive a name that only this session of this store has, from both parties' nonces. */
export function nameSession(
  link: OperationLink,
  label: string,
  [mine, theirs]: readonly [StoreGreeting, StoreGreeting],
  generation: number,
): Uint8Array {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, generation);
  const nonces = link.party === 0 ? [mine.nonce, theirs.nonce] : [theirs.nonce, mine.nonce];
  return hashLabelled(`store/${label}`, mine.id, number, ...nonces);
}

/** The items of each kind. */
export type Holdings = ReadonlyMap<Kind, Holding>;

export function encodeHoldings(holdings: Holdings): Uint8Array {
  const list = [...holdings].map(([kind, { burnt, runs }]) => [
    kind,
    burnt,
    runs.map(({ tag, start, end }) => [tag, start, end]),
  ]);
  return new TextEncoder().encode(JSON.stringify(list));
}

/**
 * Read the other party's list strictly.
 *
 * @throws {TransportError} the list is not valid
 */
export function decodeHoldings(bytes: Uint8Array): Holdings {
  try {
    const list: unknown[] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return new Map(list.map(decodeHolding));
  } catch (cause) {
    throw new TransportError("malformed", "the other party sent a list of stored items that cannot be read", {
      cause,
    });
  }
}

function decodeHolding(entry: unknown): [Kind, Holding] {
  const [key, burnt, runs] = entry as [unknown, unknown, unknown[]];
  const kind = typeof key === "string" ? readKeptKind(key) : undefined;
  if (kind === undefined) throw new TypeError("the list names a kind of items that no store holds");
  let last = 0;
  const decoded = runs.map((run): Run => {
    const [tag, start, end] = run as [unknown, unknown, unknown];
    if (typeof tag !== "string") throw new TypeError("the tag of a range must be a string");
    const from = checkNumber(start, last);
    last = checkNumber(end, from);
    return { tag, start: from, end: last };
  });
  return [kind, { burnt: checkNumber(burnt, 0), runs: decoded }];
}

function checkNumber(value: unknown, least: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > MOST_NUMBER)
    throw new RangeError(`the number of an item must be an integer from ${least} to ${MOST_NUMBER}`);
  return value as number;
}

/**
 * Agree on the items that both parties have, if their stores belong together.
 *
 * @throws {TransportError} the other party's list cannot be read
 */
export async function agreeOnItems(
  link: OperationLink,
  mine: Holdings,
  list: Uint8Array,
  theirListBytes: number,
): Promise<Map<Kind, ReturnType<typeof commonRuns>>> {
  if (theirListBytes > MOST_LIST_BYTES)
    throw new TransportError("malformed", "the other party's list of stored items is too long");
  link.send(list.slice(), "lists what is left");
  const theirs = decodeHoldings(await link.receive(theirListBytes, "lists what is left"));
  // Sort the kinds, so that both sides use the same order.
  const kinds = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
  return new Map(
    kinds.map((kind) => {
      const [held, claimed] = [mine.get(kind) ?? HOLDS_NOTHING, theirs.get(kind) ?? HOLDS_NOTHING];
      if (endOf(claimed) > endOf(held) + MOST_LOST)
        throw new TransportError(
          "malformed",
          `the other party's list of stored items counts ${endOf(claimed)} of the kind "${kind}", and this party's ` +
            `${endOf(held)}: they cannot be of the same sessions. This party's store is left as it is; if the other ` +
            "one cannot be mended, delete both",
        );
      return [kind, commonRuns(held, claimed)];
    }),
  );
}
