/**
 * The parts that all games use: a table of results, links on which a run leaves a trace, a game's own coins, and toy
 * elements in the real rings.
 *
 * A game runs a check at toy size. The code is the one that ships: its kernels compute mod 2^168 and mod 2^192, and a
 * toy ring Z_2^m lies in them as the multiples of 2^(168 − m). Toy keys, weights and coins are small words. So only the
 * secrets and the coins are toys; a run then is exactly a run at toy size.
 *
 * Search the game's tree exhaustively for the best adaptive adversary: at each message it chooses the best one given all
 * it has seen, coins are averaged over, and a value that it commits to at the end is its best guess over the honest
 * party's secrets. The order of messages and coins comes from a trace of the real code. Then play this strategy against
 * the real code for every secret and every coin: it must succeed exactly as often. Withholding a message and hanging up
 * are moves too; they never make the honest party accept.
 */

import type { Party } from "../../lib/channel/channel";
import type { OperationLink } from "../../lib/channel/operation-link";
import { TransportError } from "../../lib/errors";

/** The stated bound of a check, and the best adversary's success. */
export interface Row {
  readonly check: string;
  readonly toy: string;
  readonly bound: number;
  readonly best: number;
}

/** Print a row of the table, and return it. */
export function report(row: Row): Row {
  const cells = [row.check, row.toy, row.bound.toPrecision(4), row.best.toPrecision(4)];
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
  return row;
}

/** True if the larger settings are to run as well. */
export const LARGE = process.env.SPDZLAB_GAMES === "all";

/** The largest value over choices. */
export function max<T>(choices: Iterable<T>, value: (choice: T) => number): number {
  let best = 0;
  for (const choice of choices) best = Math.max(best, value(choice));
  return best;
}

/** The choice of the largest value, the first of several. */
export function argmax<T>(choices: Iterable<T>, value: (choice: T) => number): T {
  let [best, found] = [-1, undefined as T | undefined];
  for (const choice of choices) {
    const worth = value(choice);
    if (worth > best) [best, found] = [worth, choice];
  }
  return found!;
}

/** The mean over equally likely outcomes. */
export function mean<T>(outcomes: readonly T[], value: (outcome: T) => number): number {
  let sum = 0;
  for (const outcome of outcomes) sum += value(outcome);
  return sum / outcomes.length;
}

/** The integers from 0 to `count` − 1. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** All lists of `length` numbers below `count`. */
export function lists(count: number, length: number): readonly (readonly number[])[] {
  if (length === 0) return [[]];
  return lists(count, length - 1).flatMap((list) => upTo(count).map((last) => [...list, last]));
}

/** The number of trailing zeros; `most` if the number is zero. */
export const zeros = (x: number, most: number): number => {
  for (let i = 0; i < most; i++) if ((x >> i) & 1) return i;
  return most;
};

/** The probability that the trailing zeros of independent uniform words add up to `least`; 0 has infinitely many. */
export function zerosReach(words: number, bits: number, least: number): number {
  if (least <= 0) return 1;
  if (words === 0) return 0;
  let chance = 2 ** -bits;
  for (let i = 0; i < bits; i++) chance += 2 ** -(i + 1) * zerosReach(words - 1, bits, least - i);
  return chance;
}

/** The events on the honest party's side, in order. */
export type Trace = string[];

/** An adversary's message in transit, which may be changed or withheld. */
export type Tap = (index: number, payload: Uint8Array) => Uint8Array | "hang up";

class GameLink implements OperationLink {
  peer!: GameLink;
  #arrived: Uint8Array[] = [];
  #waiting: { resolve(payload: Uint8Array): void; reject(error: Error): void } | undefined;
  #sent = 0;
  #ended = false;

  constructor(
    readonly party: Party,
    readonly trace: Trace | undefined,
    readonly tap: Tap | undefined,
    readonly heard: ((payload: Uint8Array) => void) | undefined,
  ) {}

  send(payload: Uint8Array): void {
    if (this.peer.#ended) return;
    this.trace?.push("send");
    const tapped = this.tap ? this.tap(this.#sent++, payload.slice()) : payload.slice();
    if (tapped === "hang up") {
      this.peer.end();
      this.end();
      return;
    }
    this.heard?.(tapped);
    const { peer } = this;
    const waiting = peer.#waiting;
    peer.#waiting = undefined;
    if (waiting) waiting.resolve(tapped);
    else peer.#arrived.push(tapped);
  }

  async receive(length: number): Promise<Uint8Array> {
    const payload =
      this.#arrived.shift() ??
      (await new Promise<Uint8Array>((resolve, reject) => {
        if (this.#ended) reject(gone());
        else this.#waiting = { resolve, reject };
      }));
    if (payload.length !== length)
      throw new TransportError("malformed", `${payload.length} bytes, not ${length}`);
    this.trace?.push("receive");
    return payload;
  }

  exchange(payload: Uint8Array): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload);
    return this.receive(length);
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.reject(gone());
    this.#waiting = undefined;
  }
}

const gone = () => new TransportError("closed", "the adversary hung up");

/** Options of a run: record a trace, and withhold the adversary's message of this index. */
export interface Watch {
  readonly trace?: Trace;
  readonly hangUp?: number;
}

/**
 * Run the honest party 0 against party 1, whose messages pass through a tap.
 *
 * @returns whether the honest party accepted, and the payloads that it sent
 */
export async function play(
  honest: (link: OperationLink) => Promise<unknown>,
  adversary: (link: OperationLink) => Promise<unknown>,
  { tap = (_, payload) => payload, trace, hangUp }: Watch & { tap?: Tap } = {},
): Promise<{ accepted: boolean; error: unknown; sent: readonly Uint8Array[] }> {
  const sent: Uint8Array[] = [];
  const zero = new GameLink(0, trace, undefined, (payload) => sent.push(payload));
  const withheld: Tap = (index, payload) => (index === hangUp ? "hang up" : tap(index, payload));
  const one = new GameLink(1, undefined, withheld, undefined);
  zero.peer = one;
  one.peer = zero;
  events.trace = trace;
  // A party that has ended or given up sends nothing more.
  const over = () => zero.end();
  const other = adversary(one).then(over, over);
  const result = await honest(zero).then(
    () => ({ accepted: true, error: undefined as unknown, sent }),
    (error: unknown) => ({ accepted: false, error, sent }),
  );
  one.end();
  await other;
  events.trace = undefined;
  return result;
}

/** Coins that a game tosses instead of the parties, by purpose. */
const table = new Map<string, Uint8Array>();
const events: { trace: Trace | undefined } = { trace: undefined };
const MARK = 0xa5;

/** A seed from which a given stream is drawn. */
export function seedFor(stream: Uint8Array): Uint8Array {
  const seed = new Uint8Array(16 + stream.length).fill(MARK, 0, 16);
  seed.set(stream, 16);
  return seed;
}

/** Set the coins of a purpose, until they are set again: the bytes of the stream that is drawn from them. */
export function fixCoins(purpose: string, stream: Uint8Array): void {
  table.set(purpose, seedFor(stream));
}

/** The same for coins that are used directly. */
export function fixSeed(purpose: string, seed: Uint8Array): void {
  table.set(purpose, seed);
}

/** Replaces the module of coins with an ideal coin, which nobody knows before it is tossed. */
export const idealCoins = {
  async tossCoins(link: OperationLink, _: unknown, purpose: string): Promise<Uint8Array> {
    const seed = table.get(purpose);
    if (!seed) throw new Error(`the game has no coins for ${purpose}`);
    // Both parties toss; record the honest party's toss.
    if (link.party === 0) events.trace?.push(`coins ${purpose}`);
    return seed;
  },
};

/** The module of streams, changed so that an ideal coin is used as the stream itself. */
export function withStreams(real: typeof import("../../lib/crypto/prg")): typeof real {
  const createPrg: typeof real.createPrg = (seed, domain) => {
    if (seed.length <= 16 || seed[0] !== MARK) return real.createPrg(seed, domain);
    let at = 16;
    const fill = (target: Uint8Array) => {
      if (at + target.length > seed.length) throw new Error("the game's coins are used up");
      target.set(seed.subarray(at, at + target.length));
      at += target.length;
    };
    return { fill, destroy: () => {} };
  };
  return { ...real, createPrg };
}

/** Write small words as a stream of words of `bytes` bytes each. */
export function stream(words: readonly number[], bytes = 8): Uint8Array {
  const result = new Uint8Array(words.length * bytes);
  words.forEach((word, i) => {
    new DataView(result.buffer).setUint32(i * bytes, word, true);
  });
  return result;
}

/** Write an element as bytes, lowest first. */
export function elementBytes(value: bigint, bytes = 24): Uint8Array {
  let rest = BigInt.asUintN(8 * bytes, value);
  return Uint8Array.from({ length: bytes }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}

export function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Add to one element of a message. */
export function addTo(payload: Uint8Array, at: number, bytes: number, value: bigint): Uint8Array {
  const result = payload.slice();
  result.set(elementBytes(toInteger(payload.subarray(at, at + bytes)) + value, bytes), at);
  return result;
}
