import { SpdzError } from "../../errors";
import type { KindParts } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";

const NOTHING = new Uint8Array(0);

interface StockedBatch {
  readonly start: number;
  readonly count: number;
  readonly fields: readonly RawVector[];
  /** How many items are not yet taken. */
  left: number;
  /** The numbers of these items, in order. */
  free: Span[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Taker {
  readonly start: number;
  readonly count: number;
  resolve(fields: RawVector[]): void;
  reject(error: Error): void;
}

/**
 * The items of one kind, numbered in the order in which they are made. `take` copies items out and overwrites their
 * bytes here before it hands out the copy, or hands over a whole batch as it is. So no item is handed out twice.
 */
export class Stock {
  /** How many items are made or will be. */
  planned = 0;
  #reserved = 0;
  #made = 0;
  #batches: StockedBatch[] = [];
  #takers: Taker[] = [];
  #failure: Error | undefined;

  readonly #layout: ShareLayout;

  /** @param layout - bytes of an element */
  constructor(
    readonly parts: KindParts,
    layout: ShareLayout,
  ) {
    this.#layout = layout;
  }

  /** Bytes of one item. */
  get itemBytes(): number {
    const { fields, width } = this.parts;
    return fields * width * (this.#layout.value + this.#layout.mac);
  }

  get reserved(): number {
    return this.#reserved;
  }

  get made(): number {
    return this.#made;
  }

  /** Reserve the next items; returns the number of the first one. */
  reserve(count: number): number {
    const first = this.#reserved;
    this.#reserved += count;
    return first;
  }

  /** How many items are ready. */
  get left(): number {
    return this.#batches.reduce((sum, { left }) => sum + left, 0);
  }

  add(fields: readonly RawVector[], count: number): void {
    const free = [{ start: this.#made, end: this.#made + count }];
    this.#batches.push({ start: this.#made, count, fields, left: count, free });
    this.#made += count;
    const ready = this.#takers.filter((taker) => taker.start + taker.count <= this.#made);
    this.#takers = this.#takers.filter((taker) => taker.start + taker.count > this.#made);
    for (const { start, count, resolve, reject } of ready) this.#hand(start, count).then(resolve, reject);
  }

  take(start: number, count: number): Promise<RawVector[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (start + count <= this.#made) return this.#hand(start, count);
    return new Promise((resolve, reject) => this.#takers.push({ start, count, resolve, reject }));
  }

  destroy(error: Error): void {
    this.#failure = error;
    for (const { fields } of this.#batches)
      for (const { values, macs } of fields) {
        values.fill(0);
        macs.fill(0);
      }
    this.#batches = [];
    for (const taker of this.#takers) taker.reject(error);
    this.#takers = [];
  }

  #hand(start: number, count: number): Promise<RawVector[]> {
    try {
      return Promise.resolve(this.#burn(start, count));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @throws {SpdzError} `internal`: some of the items were taken before; then none is taken */
  #burn(start: number, count: number): RawVector[] {
    const end = start + count;
    const whole = this.#batches.findIndex((batch) => batch.start === start && batch.left === count);
    // Hand over a whole batch as it is: no copy of it stays.
    if (whole >= 0 && this.#batches[whole]!.count === count)
      return [...this.#batches.splice(whole, 1)[0]!.fields];
    const { fields, width } = this.parts;
    const units = { values: width * this.#layout.value, macs: width * this.#layout.mac };
    const result = Array.from({ length: fields }, () => ({
      values: units.values === 0 ? NOTHING : new Uint8Array(count * units.values),
      macs: units.macs === 0 ? NOTHING : new Uint8Array(count * units.macs),
    }));
    // Zeros instead of randomness would reveal the value that they are to mask.
    const present = this.#batches.reduce((sum, { free }) => sum + overlap(free, start, end), 0);
    if (present !== count) {
      throw new SpdzError(
        "internal",
        `${count - present} of ${count} items of correlated randomness are no longer in stock: they were taken before. Make a new DistributedInterface on both sides`,
      );
    }
    for (const batch of this.#batches) {
      const from = Math.max(start, batch.start);
      const to = Math.min(end, batch.start + batch.count);
      if (from >= to) continue;
      for (const [i, field] of batch.fields.entries()) {
        for (const half of ["values", "macs"] as const) {
          const unit = units[half];
          if (unit === 0) continue;
          const [first, last] = [(from - batch.start) * unit, (to - batch.start) * unit];
          result[i]![half].set(field[half].subarray(first, last), (from - start) * unit);
          field[half].fill(0, first, last);
        }
      }
      batch.left -= to - from;
      batch.free = batch.free.flatMap((range) => without(range, from, to));
    }
    this.#batches = this.#batches.filter((batch) => batch.left > 0);
    return result;
  }
}

/** Count the items from `start` to before `end` that are in the ranges. */
function overlap(ranges: readonly Span[], start: number, end: number): number {
  return ranges.reduce(
    (sum, range) => sum + Math.max(0, Math.min(end, range.end) - Math.max(start, range.start)),
    0,
  );
}

/** Return the parts of a range without the items from `start` to before `end`. */
function without(range: Span, start: number, end: number): Span[] {
  return [
    { start: range.start, end: Math.min(range.end, start) },
    { start: Math.max(range.start, end), end: range.end },
  ].filter((part) => part.start < part.end);
}
