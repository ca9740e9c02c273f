import type { OperationLink } from "../channel/operation-link";
import type { Identity } from "../crypto/identity";
import { SpdzError } from "../errors";
import type { AuthenticatedVector, MacKey } from "../sharing/authenticated";
import type { Producer } from "./producer/producer";
import { type RawVector, toShares } from "./raw";
import { KINDS, type Kind, recipes } from "./recipes";
import { Stock } from "./stock";

export { MASK_BITS } from "./recipes";

/** How many items of each kind an operation takes at most. */
export type Needs = Partial<Record<Kind, number>>;

/** The needs of two operations together. */
export function addNeeds(...all: readonly Needs[]): Needs {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, all.reduce((sum, needs) => sum + (needs[kind] ?? 0), 0)]),
  );
}

/** The first batch of many items: small, to be there soon. */
const QUICK = 128;
/** As many items are made at a time, at most, for whoever needs few. */
const AHEAD = 512;

/** What one operation has reserved. Taking beyond it is an error of the caller. */
export interface Reservation {
  /**
   * The next `count` items of a kind, once they are made; their bytes are gone from the stock before this returns.
   *
   * @returns the fields of the items: a, b, c of a triple; r and r² of a square; the 64 bits of each mask
   */
  take(kind: Kind, count: number): Promise<AuthenticatedVector[]>;
  /** The same as bytes, for whoever overwrites them after use. */
  takeRaw(kind: Kind, count: number): Promise<RawVector[]>;
  /** Burns what was reserved and not taken. */
  discard(): void;
}

/** How far production has come, for whoever shows it. */
export interface Progress {
  readonly kind: Kind;
  readonly made: number;
  readonly planned: number;
}

/**
 * The correlated randomness of one party with malicious security: produced in batches over a link of its own, in the
 * background, and handed out once.
 *
 * Both parties must get the same items for the same operation although their operations interleave differently. So an
 * operation reserves at its call, synchronously, in the order of issue, which is the same on both sides: a reservation
 * is a range of each kind's sequence of items, and a reservation that passes what is planned plans further batches,
 * whose sizes follow from the reservations alone. Batches are made one after another in the order of planning.
 */
export class MaliciousPreprocessing {
  readonly #producer: Producer;
  readonly #stocks: Record<Kind, Stock>;
  readonly #queue: { kind: Kind; count: number }[] = [];
  readonly #onProgress: (progress: Progress) => void;
  #started = false;
  #identity: Identity | undefined;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;

  /**
   * @param producer - makes the items; destroyed with this
   * @param onProgress - called after each batch
   * @param onFailure - called once when production fails, with the error that everything throws from then on
   */
  constructor(
    producer: Producer,
    onProgress: (progress: Progress) => void = () => undefined,
    readonly onFailure: (error: Error) => void = () => undefined,
  ) {
    this.#producer = producer;
    this.#onProgress = onProgress;
    this.#stocks = Object.fromEntries(
      KINDS.map((kind) => [kind, new Stock(recipes[kind].fields, recipes[kind].width)]),
    ) as Record<Kind, Stock>;
  }

  /**
   * Base transfers and the MAC key.
   *
   * @param link - carries all production from now on, as long as the session lives
   * @throws {CheckError} the other party deviated
   */
  async setUp(link: OperationLink): Promise<MacKey> {
    if (this.#failure) throw this.#failure;
    if (this.#started) throw new SpdzError("internal", "the preprocessing is set up already");
    this.#started = true;
    try {
      const { identity, alpha } = await this.#producer.setUp(link);
      if (this.#failure) throw this.#failure;
      this.#identity = identity;
      this.#pump();
      return { party: link.party, alpha };
    } catch (error) {
      this.destroy(error as Error);
      throw this.#failure;
    }
  }

  /** Who this party is in the session; only once it is set up. */
  get identity(): Identity {
    if (!this.#identity)
      throw this.#failure ?? new SpdzError("internal", "the preprocessing is not set up yet");
    return this.#identity;
  }

  /** Plans items beyond what is reserved, to have them at hand. Both parties call it in the same order. */
  prefetch(needs: Needs): void {
    for (const kind of KINDS) {
      const { reserved } = this.#stocks[kind];
      this.#plan(kind, reserved, reserved + (needs[kind] ?? 0));
    }
    this.#pump();
  }

  /**
   * Reserves items for one operation. Synchronous: call it when the operation is issued, before anything is awaited.
   *
   * @throws the error that ended the session
   */
  reserve(needs: Needs): Reservation {
    if (this.#failure) throw this.#failure;
    for (const kind of KINDS) {
      const count = needs[kind] ?? 0;
      if (!Number.isSafeInteger(count) || count < 0)
        throw new RangeError(`${kind}: ${count} is no number of items`);
    }
    const ranges = new Map<Kind, { next: number; end: number }>();
    for (const kind of KINDS) {
      const range = this.#stocks[kind].reserve(needs[kind] ?? 0);
      this.#plan(kind, range.next, range.end);
      ranges.set(kind, range);
    }
    this.#pump();
    const takeRaw = async (kind: Kind, count: number) => {
      const range = ranges.get(kind)!;
      if (range.next + count > range.end)
        throw new SpdzError("internal", `an operation took more items (${kind}) than it reserved`);
      const start = range.next;
      range.next += count;
      return this.#stocks[kind].take(start, count);
    };
    return {
      takeRaw,
      take: async (kind, count) => (await takeRaw(kind, count)).map(toShares),
      discard: () => {
        for (const [kind, range] of ranges) {
          const { next, end } = range;
          range.next = end;
          if (next < end) this.#stocks[kind].take(next, end - next).catch(() => undefined);
        }
      },
    };
  }

  /** Waits until everything planned so far is made. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    if (this.#failure) throw this.#failure;
  }

  /** Ends production for good and overwrites every key, seed and item. */
  destroy(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#queue.length = 0;
    for (const kind of KINDS) this.#stocks[kind].destroy(error);
    void this.#producer.destroy(error);
    this.#identity = undefined;
    this.onFailure(error);
  }

  /**
   * Plans what is missing of the items from `start` to `end`. Whoever needs few gets them with a stock that grows; whoever
   * needs many gets just those, in batches that grow, so that work can begin while the others are made.
   */
  #plan(kind: Kind, start: number, end: number): void {
    const stock = this.#stocks[kind];
    const { least, most } = recipes[kind];
    while (stock.planned < end) {
      const missing = end - stock.planned;
      const atHand = stock.planned - start;
      const count =
        missing > QUICK
          ? Math.min(most, missing, Math.max(QUICK, atHand))
          : Math.min(most, Math.max(least, missing, Math.min(stock.planned, AHEAD)));
      stock.planned += count;
      this.#queue.push({ kind, count });
    }
  }

  #pump(): void {
    if (this.#running || !this.#identity || this.#queue.length === 0) return;
    this.#running = this.#produce().finally(() => {
      this.#running = undefined;
      this.#pump();
    });
  }

  async #produce(): Promise<void> {
    try {
      for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
        const { kind, count } = job;
        const fields = await this.#producer.make(kind, count);
        if (this.#failure) return;
        this.#stocks[kind].add(fields, count);
        this.#onProgress({ kind, made: this.#stocks[kind].made, planned: this.#stocks[kind].planned });
        // Let waiting operations and the host have their turn between batches.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}
