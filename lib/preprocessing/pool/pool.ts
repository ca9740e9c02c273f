import type { OperationLink } from "../../channel/operation-link";
import { isGone, SessionGate } from "../../crypto/gate";
import type { Identity } from "../../crypto/identity";
import { debug } from "../../debug";
import { CheckError, SpdzError } from "../../errors";
import type { MacKey } from "../../sharing/authenticated";
import { bytesOfItem, type Kind, kindsOf, type Needs, partsOf } from "../kinds/kinds";
import { burn, type RawVector } from "../kinds/raw";
import type { Capabilities, FactoryStatus, Producer, ProductionCost } from "../producer";
import { sliceItems } from "../store/items";
import { type Keeper, type KeptBatch, nothingKept } from "../store/keeper";
import { Stock } from "./stock";

/** How long the end of a session waits for exchanges of commitments in progress. */
const FINISH_MS = 2000;

/** The items that one operation has reserved. Taking more is a mistake of the caller. */
export interface Reservation {
  /**
   * Take the next `count` items of a kind, once they are made. Their bytes are gone from the stock before this settles.
   *
   * @returns the fields of the items: a, b, c of a triple; r and r² of a square; see the kind for others
   */
  take(kind: Kind, count: number): Promise<RawVector[]>;
  /** Burn the items that were reserved and not taken. */
  discard(): void;
}

/** How far production of a kind has come, for display. */
export interface Progress {
  readonly kind: Kind;
  readonly made: number;
  readonly planned: number;
}

/** How much of one kind there is. */
export interface StockLevel {
  /** The kind's key; its name alone for single items, all of which are counted together. */
  readonly kind: string;
  /** Items that are ready. */
  readonly ready: number;
  /** Items that are being made or will be. */
  readonly coming: number;
  /** Items that were taken, or burnt because the operation that reserved them did not take them. */
  readonly used: number;
  /** Bytes of the items that are ready. */
  readonly bytes: number;
}

/** A batch that is to be made for a stock. */
interface PlannedBatch {
  readonly stock: Stock;
  readonly count: number;
  readonly start: number;
}

/** Items `next` to `end` of a stock, without the last, that an operation has reserved and not taken yet. */
interface ReservedItems {
  readonly stock: Stock;
  next: number;
  end: number;
}

/**
 * The correlated randomness of one party. A pool has it made in batches, in the background, over a link of its own, and
 * hands out each item once.
 *
 * Both parties must get the same items for the same operation although their operations interleave differently. So an
 * operation reserves items synchronously when it is issued, and both parties issue operations in the same order. A
 * reservation is a range of each kind's sequence of items. If it goes beyond the planned items, the pool plans further
 * batches, whose sizes follow from the reservations alone. Batches are made in the order of planning.
 */
export class Pool {
  readonly #producer: Producer;
  #keeper: Keeper = nothingKept;
  readonly #stocks = new Map<Kind, Stock>();
  /** How many single items were used, by the name of their kind. */
  readonly #singles = new Map<string, number>();
  readonly #queue: PlannedBatch[] = [];
  /** Items asked for before the pool knew what is left of an earlier session. */
  #asked: { stock: Stock; from: number; end: number }[] | undefined = [];
  readonly #onProgress: (progress: Progress) => void;
  #started = false;
  #identity: Identity | undefined;
  /** Settles when the pool knows what is left of an earlier session, or was destroyed. */
  readonly #stockedUp: Promise<void>;
  #settleStockedUp!: () => void;
  #underWay = 0;
  /** Settles when every batch that was begun so far is in its stock. */
  #stored: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closed = false;

  readonly #ahead: number;
  /** Where shares have MACs: the gate that every exchange of commitments and every output of the session passes. */
  readonly gate: SessionGate | undefined;

  /**
   * @param producer - makes the items; destroyed together with this pool
   * @param onProgress - called after each batch
   * @param onFailure - called once when production fails, with the error that everything throws from then on
   * @param ahead - how many of the largest batches of a kind are made in advance, at most, once the kind has been asked
   *   for at all. Must be the same at both parties. Default: 0.
   * @param owedMs - how long the other party may owe an opening. Default: see SessionGate.
   */
  constructor(
    producer: Producer,
    onProgress: (progress: Progress) => void = () => undefined,
    readonly onFailure: (error: Error) => void = () => undefined,
    ahead = 0,
    owedMs?: number,
  ) {
    this.#producer = producer;
    this.#stockedUp = new Promise((resolve) => {
      this.#settleStockedUp = resolve;
    });
    this.#onProgress = onProgress;
    this.#ahead = ahead;
    const checks = producer.layout.mac > 0;
    this.gate = checks ? new SessionGate({ owedMs, onWithheld: (error) => this.destroy(error) }) : undefined;
  }

  /** Keep ready items beyond the end of the process. Call it before the set-up; the pool closes the keeper. */
  keepIn(keeper: Keeper): void {
    this.#keeper = keeper;
    this.gate?.markIn(keeper);
  }

  /** The cost of making an item, for estimates. */
  cost(kind: Kind): ProductionCost & { readonly most: number } {
    return { ...this.#producer.cost(kind), most: this.#producer.batch(kind).most };
  }

  /** How many items of a kind are ready, or planned, and not reserved by any operation. */
  spare(kind: Kind): number {
    const stock = this.#stocks.get(kind);
    return stock ? Math.max(0, stock.planned - stock.reserved) : 0;
  }

  /** Bytes that a ready item of a kind takes. */
  bytesOf(kind: string): number {
    return bytesOfItem(partsOf(kind), this.#producer.layout);
  }

  /** Production has ended, and exchanges of commitments with it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How much of each kind there is. */
  levels(): StockLevel[] {
    const levels = [...this.#stocks.values()].map(({ parts, left, planned, made, itemBytes }) => ({
      kind: parts.kind,
      ready: left,
      coming: planned - made,
      used: made - left,
      bytes: left * itemBytes,
    }));
    const gone = { ready: 0, coming: 0, bytes: 0 };
    return [...levels, ...[...this.#singles].map(([kind, used]) => ({ kind, used, ...gone }))];
  }

  /** What workers on other machines do; undefined if there are none. */
  get factory(): FactoryStatus | undefined {
    return this.#producer.status?.();
  }

  /** The kinds of items that protocols should ask for. */
  get capabilities(): Capabilities {
    return this.#producer.capabilities;
  }

  /**
   * Set up base transfers and the MAC key.
   *
   * @param link - carries all production from now on, as long as the session lives
   * @param control - carries a producer's other messages
   * @throws {CheckError} the other party deviated
   */
  async setUp(link: OperationLink, control?: OperationLink): Promise<MacKey> {
    if (this.#failure) throw this.#failure;
    if (this.#started) throw new SpdzError("internal", "the preprocessing is set up already");
    this.#started = true;
    try {
      const { batches, resumption } = await this.#keeper.meet(link);
      if (this.#failure) throw this.#failure;
      const setUp = await this.#producer.setUp(link, resumption, this.gate, control);
      if (this.#failure) throw this.#failure;
      await this.#keeper.begin(setUp);
      if (this.#failure) throw this.#failure;
      const { identity, alpha, delta } = setUp;
      this.#identity = identity;
      this.#stockUp(batches);
      this.#pump();
      return { party: link.party, alpha, ...(delta && { delta }) };
    } catch (error) {
      this.destroy(error as Error);
      throw this.#failure;
    }
  }

  /** This party's identity in the session. Available after the set-up. */
  get identity(): Identity {
    if (!this.#identity)
      throw this.#failure ?? new SpdzError("internal", "the preprocessing is not set up yet");
    return this.#identity;
  }

  /** Plan items beyond those that are reserved, to have them ready. Both parties must call it in the same order. */
  prefetch(needs: Needs): void {
    for (const kind of kindsOf(needs)) {
      const count = needs[kind] ?? 0;
      if (count === 0) continue;
      const stock = this.#stock(kind);
      this.#plan(stock, stock.reserved, stock.reserved + count);
    }
    this.#pump();
  }

  /**
   * Reserve items for one operation. Synchronous: call it when the operation is issued, before awaiting anything.
   *
   * @throws the error that ended the session
   */
  reserve(needs: Needs): Reservation {
    if (this.#failure) throw this.#failure;
    const kinds = kindsOf(needs);
    const reserved = new Map<Kind, ReservedItems>();
    for (const kind of kinds) {
      const count = needs[kind] ?? 0;
      if (!Number.isSafeInteger(count) || count < 0)
        throw new RangeError(`${kind}: the number of items must be a non-negative integer, got ${count}`);
      reserved.set(kind, { stock: this.#stock(kind), next: 0, end: count });
    }
    for (const items of reserved.values()) {
      const { stock, end: count } = items;
      items.next = stock.reserve(count);
      items.end = items.next + count;
      this.#plan(stock, items.next, items.end);
    }
    // Plan what is asked for now first, then what may be asked for next, to be made while nobody waits.
    if (this.#ahead > 0) for (const [kind, { stock }] of reserved) this.#planAhead(stock, needs[kind] ?? 0);
    this.#pump();
    return {
      take: async (kind, count) => {
        const items = reserved.get(kind);
        if (count === 0) return (items?.stock ?? this.#stock(kind)).take(0, 0);
        if (!items || items.next + count > items.end)
          throw new SpdzError("internal", `an operation took more items (${kind}) than it reserved`);
        const start = items.next;
        items.next += count;
        return this.#take(items.stock, start, count);
      },
      discard: () => {
        for (const items of reserved.values()) {
          const { stock, next, end } = items;
          items.next = end;
          if (next < end) this.#take(stock, next, end - next).catch(() => undefined);
        }
      },
    };
  }

  /** Wait until everything planned so far is made. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await this.#stored;
    if (this.#failure) throw this.#failure;
  }

  /**
   * End production for good and overwrite every key, seed and item. First finish the exchanges of commitments in
   * progress, unless the other party is gone or was caught: breaking them off would look like withholding.
   */
  destroy(cause: Error): void {
    const error = this.gate?.judge(cause) ?? cause;
    if (this.#failure) {
      // Report a failed check to the keeper even after the end.
      if (error instanceof CheckError) this.#close(error);
      return;
    }
    debug("pool: ends, %s", error.name);
    this.#failure = error;
    this.#settleStockedUp();
    this.#queue.length = 0;
    for (const stock of this.#stocks.values()) stock.destroy(error);
    this.onFailure(error);
    const finished =
      error instanceof CheckError || isGone(error) ? undefined : this.gate?.drain(error, FINISH_MS);
    if (finished) void finished.then(() => this.#close(this.gate?.conclude(error) ?? error));
    else this.#close(error);
  }

  #close(error: Error): void {
    void this.#keeper.close(error);
    if (this.#closed) return;
    this.#closed = true;
    this.gate?.fail(error);
    void this.#producer.destroy(error);
    this.#identity = undefined;
    if (error instanceof CheckError && error !== this.#failure) this.onFailure(error);
  }

  #stock(kind: Kind): Stock {
    let stock = this.#stocks.get(kind);
    if (!stock) {
      stock = new Stock(partsOf(kind), this.#producer.layout);
      this.#stocks.set(kind, stock);
    }
    return stock;
  }

  async #take(stock: Stock, start: number, count: number): Promise<RawVector[]> {
    const { kind, name, single } = stock.parts;
    if (this.#asked) await this.#stockedUp;
    if (this.#failure) throw this.#failure;
    const burnt = this.#keeper.burn(kind, start + count);
    if (burnt) {
      await burnt.catch((error: Error) => this.destroy(error));
      if (this.#failure) throw this.#failure;
    }
    const taken = await stock.take(start, count);
    if (single) {
      this.#stocks.delete(kind);
      this.#singles.set(name, (this.#singles.get(name) ?? 0) + 1);
    }
    return taken;
  }

  /** Add what is left of an earlier session, then plan what was asked for meanwhile, in the same order on both sides. */
  #stockUp(batches: readonly KeptBatch[]): void {
    for (const { kind, count, fields } of batches) {
      const stock = this.#stock(kind);
      stock.planned += count;
      stock.add(fields, count);
    }
    const asked = this.#asked ?? [];
    this.#asked = undefined;
    for (const { stock, from, end } of asked) this.#plan(stock, from, end);
    this.#settleStockedUp();
  }

  /**
   * Plan what is missing of the items from `from` to `end`. Small requests are rounded up, so stock builds up. Large
   * requests get exactly what they ask for, in growing batches, so that work starts before all are made.
   */
  #plan(stock: Stock, from: number, end: number): void {
    if (this.#asked) {
      this.#asked.push({ stock, from, end });
      return;
    }
    const { least, most } = this.#producer.batch(stock.parts.kind);
    // Each batch takes its own rounds and checks, so items of a small batch cost more.
    const quick = Math.max(least, Math.floor(most / 8));
    while (stock.planned < end) {
      const start = stock.planned;
      const missing = end - start;
      const count =
        end - from > quick
          ? Math.max(least, Math.min(most, missing, Math.max(quick, 2 * (start - from))))
          : Math.max(least, missing, Math.min(start, Math.floor(most / 2)));
      stock.planned += count;
      this.#queue.push({ stock, count, start });
    }
  }

  #planAhead(stock: Stock, asked: number): void {
    const { reserved, parts } = stock;
    if (asked === 0 || parts.single) return;
    const most = this.#ahead * this.#producer.batch(parts.kind).most;
    this.#plan(stock, reserved, reserved + Math.min(reserved, most));
  }

  #pump(): void {
    while (this.#identity && this.#underWay < this.#producer.concurrency) {
      const batch = this.#queue.shift();
      if (!batch) return;
      this.#underWay++;
      debug("pool: has %d items of %s made, from %d", batch.count, batch.stock.parts.kind, batch.start);
      const made = this.#producer.make(batch.stock.parts.kind, batch.count, batch.start);
      // This batch may fail while the pool still waits for an earlier one.
      made.catch(() => undefined);
      this.#stored = this.#stored.then(() => this.#store(batch, made));
    }
  }

  /** Give the keeper those items of a batch that nobody has reserved yet. */
  #storeFree({ stock, count, start }: PlannedBatch, fields: readonly RawVector[]): void {
    const { kind, single } = stock.parts;
    if (this.#keeper === nothingKept || single) return;
    const from = Math.max(start, stock.reserved);
    const free = start + count - from;
    if (free > 0) this.#keeper.add(kind, from, free, sliceItems(fields, count, from - start, free));
  }

  async #store(batch: PlannedBatch, making: Promise<RawVector[]>): Promise<void> {
    try {
      const fields = await making;
      if (this.#failure) {
        fields.forEach(burn);
        return;
      }
      const { stock, count } = batch;
      this.#storeFree(batch, fields);
      stock.add(fields, count);
      this.#onProgress({ kind: stock.parts.kind, made: stock.made, planned: stock.planned });
      // Let waiting operations and the host have their turn between batches.
      await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      this.destroy(error as Error);
    } finally {
      this.#underWay--;
      this.#pump();
    }
  }
}
