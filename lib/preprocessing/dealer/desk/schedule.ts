import type { Pair } from "./pairs";

/** Bytes of answers that one party may have on the way, or in the making. */
const WINDOW_BYTES = 8 * 2 ** 20;

/**
 * Whose turn it is: each key has an equal share of the time that is spent on dealing, and each session an equal share
 * of its key's. A key that was idle has not saved anything up. Without keys each session counts for one.
 */
export class Turns {
  readonly #used = new Map<string, number>();
  #now = 0;

  /** The one of several pairs that had least. */
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

  /** Forgets whom it need not remember: those who are behind. */
  tidy(): void {
    for (const [owner, used] of this.#used) if (used <= this.#now) this.#used.delete(owner);
  }
}

/** Party 1 asks, so its key pays, also for what it does not wait for. */
function ownerOf(pair: Pair): string {
  return pair.payer || pair.name;
}

/**
 * Bytes of all answers that are in the making, or that their parties have not said they have. Half of the budget is
 * for whoever comes first, up to a window each; of the other half each pair has a share that nobody else can take.
 */
export class Budget {
  readonly #common: number;
  readonly #share: number;

  /** @param mostPairs - pairs at once */
  constructor(bytes: number, mostPairs: number) {
    this.#common = bytes / 2;
    this.#share = bytes / 2 / mostPairs;
  }

  /** Whether a pair's next piece fits, all pairs being in the list. */
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
