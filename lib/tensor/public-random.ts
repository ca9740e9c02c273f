/**
 * Public randomness: initial weights, dropout and shuffles, which both parties must draw alike. It follows from a seed
 * that anyone may know, so it is never used for secrets.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

/** Numbers that follow from a seed: xoshiro128** of Blackman and Vigna (2018), the same on every machine. */
export class PublicRandom {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    const words = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
    // Neighbouring seeds must start far apart, and no state may be all zero.
    this.#state = Uint32Array.from([1, 2, 3, 4], (place) => mixed(mixed(words[0]! + place) ^ words[1]!) || 1);
  }

  /** A whole number below 2^32. */
  word(): number {
    const s = this.#state;
    const result = Math.imul(rotated(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotated(s[3]!, 11);
    return result;
  }

  /** A number from 0 up to but not including 1, with 53 bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  /**
   * A number of mean 0 and variance 1, nearly normal: the sum of twelve uniform ones. Logarithms and cosines may differ
   * between machines in their last bit, sums do not.
   */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }

  /** The positions 0 to count − 1 in random order (Fisher–Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

/** A generator of one party alone. */
const own = new AsyncLocalStorage<{ random: PublicRandom }>();

interface Start {
  readonly seed: number;
}

let start: Start = { seed: 0 };
let shared = new PublicRandom(0);
const ofSessions = new WeakMap<object, { readonly start: Start; readonly random: PublicRandom }>();

/**
 * The generator of public randomness. In a simulated pair both parties share this process, so what belongs to a session
 * draws from a generator of its own, which starts alike at both.
 *
 * @param session - of the secrets that the numbers are for. Default: they are for plain values
 */
export function publicRandom(session?: object): PublicRandom {
  const alone = own.getStore();
  if (alone) return alone.random;
  if (!session) return shared;
  const known = ofSessions.get(session);
  if (known?.start === start) return known.random;
  const random = new PublicRandom(start.seed);
  ofSessions.set(session, { start, random });
  return random;
}

/** Start anew with a new session, so that both parties draw alike whatever they drew before. */
export function restartPublicRandom(): void {
  if (!own.getStore()) restart(0);
}

/** Run code of one party alone: it draws from a generator of its own, and the common one stays in step. */
export function drawAlone<T>(run: () => T): T {
  return own.run({ random: new PublicRandom(0) }, run);
}

/**
 * Start the generator of public randomness from a seed: initial weights, dropout and shuffles then repeat. Both parties
 * call it with the same seed, at the same place, after they have made their interfaces: a new session starts the
 * generator from seed 0.
 *
 * Everything drawn from it is public. It is never used for secrets.
 *
 * @param seed - a whole number from 0 to 2^53 − 1
 * @throws {RangeError} it is not
 *
 * @example
 * spdz.manualSeed(7);
 */
export function manualSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(
      `manualSeed: the seed must be a whole number from 0 to 2^53 − 1, got ${inspect(seed)}`,
    );
  const alone = own.getStore();
  if (alone) {
    alone.random = new PublicRandom(seed);
    return;
  }
  restart(seed);
}

function restart(seed: number): void {
  start = { seed };
  shared = new PublicRandom(seed);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Mix the bits of a word, by the finisher of MurmurHash3. */
function mixed(word: number): number {
  let h = Math.imul(word ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
