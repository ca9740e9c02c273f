import type { Pair } from "./pairs";

/** Bytes of answers to one party that may be in flight or being made. */
const WINDOW_BYTES = 8 * 2 ** 20;

/**
 * Chooses the pair to deal for next. Each key gets an equal share of the time that is spent on dealing, and each session
 * an equal share of its key's. A key that was idle does not save time up. Without keys each session counts as a key.
 */
export class Turns {
  readonly #used = new Map<string, number>();
  #now = 0;

  /** Return the pair that has used least. */
  next(pairs: Iterable<Pair>): Pair | undefined {
    let best: Pair | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const pair of pairs) {
      const used = Math.max(this.#now, this.#used.get(ownerOf(pair)) ?? 0);
      if (best && (used > least || (used === least && pair.used >= best.used))) continue;
      [best, least] = [pair, used];
    }
    if (best) this.#now = least;
    return best;
  }

  spend(pair: Pair, ms: number): void {
    pair.used += ms;
    const owner = ownerOf(pair);
    this.#used.set(owner, Math.max(this.#now, this.#used.get(owner) ?? 0) + ms);
  }

  /** Delete the entries of keys that are behind: they start from now anyway. */
  tidy(): void {
    for (const [owner, used] of this.#used) if (used <= this.#now) this.#used.delete(owner);
  }
}

/** Return the key that pays: party 1's, because it requests, even if it no longer waits. */
function ownerOf(pair: Pair): string {
  return pair.payer || pair.name;
}

/**
 * Bounds the bytes of all answers that are being made, or that their parties have not acknowledged. Half of the budget
 * goes to the first who ask, up to a window each; of the other half each pair has a share that nobody else can take.
 */
export class Budget {
  readonly #common: number;
  readonly #share: number;

  /** @param mostPairs - pairs at once */
  constructor(bytes: number, mostPairs: number) {
    this.#common = bytes / 2;
    this.#share = bytes / 2 / mostPairs;
  }

  /** Check whether a pair's next piece fits. `pairs` must contain all pairs. */
  fits(pair: Pair, piece: number, pairs: Iterable<Pair>): boolean {
    const held = heldBy(pair);
    if (held === 0 || held + piece <= this.#share) return true;
    if (held + piece > WINDOW_BYTES) return false;
    let borrowed = piece;
    for (const each of pairs) borrowed += Math.max(0, heldBy(each) - this.#share);
    return borrowed <= this.#common;
  }
}

function heldBy(pair: Pair): number {
  return pair.members[1]?.connection.held ?? 0;
}
