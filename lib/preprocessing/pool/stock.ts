import { SpdzError } from "../../errors";
import { bytesOfFields, type KindParts } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";

const NOTHING = new Uint8Array(0);
/** Up to this many bytes, a loop is quicker than a copy by the runtime. */
const FEW_BYTES = 64;

interface StockedBatch {
  readonly start: number;
  readonly count: number;
  readonly fields: readonly RawVector[];
  /** How many items are not yet taken. */
  left: number;
  /** The numbers of these items, in order; no two spans touch. */
  readonly free: Span[];
}

interface Span {
  start: number;
  end: number;
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
  /** In the order of their numbers. */
  #batches: StockedBatch[] = [];
  #takers: Taker[] = [];
  #failure: Error | undefined;

  /** Bytes of one item in each field. */
  readonly #units: readonly ShareLayout[];

  /** @param layout - bytes of an element */
  constructor(
    readonly parts: KindParts,
    layout: ShareLayout,
  ) {
    this.#units = bytesOfFields(parts, layout);
  }

  /** Bytes of one item. */
  get itemBytes(): number {
    return this.#units.reduce((sum, { value, mac }) => sum + value + mac, 0);
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
    let present = 0;
    for (let i = 0; i < this.#batches.length; i++) {
      const { start: first, count: size, left, free, fields } = this.#batches[i]!;
      if (first >= end) break;
      if (first === start && size === count && left === count) {
        // Hand over a whole batch as it is: no copy of it stays.
        this.#batches.splice(i, 1);
        return [...fields];
      }
      if (start < first + size) present += overlap(free, start, end);
    }
    // Zeros instead of randomness would reveal the value that they are to mask.
    if (present !== count) {
      throw new SpdzError(
        "internal",
        `${count - present} of ${count} items of correlated randomness are no longer in stock: they were taken before. Make a new DistributedInterface on both sides`,
      );
    }
    const fields = this.#units.length;
    const result = new Array<RawVector>(fields);
    for (let i = 0; i < fields; i++) {
      const { value, mac } = this.#units[i]!;
      result[i] = {
        values: value === 0 ? NOTHING : new Uint8Array(count * value),
        macs: mac === 0 ? NOTHING : new Uint8Array(count * mac),
      };
    }
    let empty = false;
    for (const batch of this.#batches) {
      const from = Math.max(start, batch.start);
      const to = Math.min(end, batch.start + batch.count);
      if (batch.start >= end) break;
      if (from >= to) continue;
      for (let i = 0; i < fields; i++) {
        const [source, target] = [batch.fields[i]!, result[i]!];
        const { value, mac } = this.#units[i]!;
        const [first, length, at] = [from - batch.start, to - from, from - start];
        moveOut(source.values, first * value, length * value, target.values, at * value);
        moveOut(source.macs, first * mac, length * mac, target.macs, at * mac);
      }
      batch.left -= to - from;
      remove(batch.free, from, to);
      empty ||= batch.left === 0;
    }
    if (empty) this.#batches = this.#batches.filter((batch) => batch.left > 0);
    return result;
  }
}

/** Copy bytes to another place and overwrite them where they were. */
function moveOut(source: Uint8Array, first: number, length: number, target: Uint8Array, at: number): void {
  if (length > FEW_BYTES) {
    target.set(source.subarray(first, first + length), at);
    source.fill(0, first, first + length);
    return;
  }
  for (let i = 0; i < length; i++) {
    target[at + i] = source[first + i]!;
    source[first + i] = 0;
  }
}

/** Count the items from `start` to before `end` that are in the spans. */
function overlap(ranges: readonly Span[], start: number, end: number): number {
  let sum = 0;
  for (const range of ranges) sum += Math.max(0, Math.min(end, range.end) - Math.max(start, range.start));
  return sum;
}

/** Remove the items from `start` to before `end` from the spans, one of which holds them all. */
function remove(ranges: Span[], start: number, end: number): void {
  const index = ranges.findIndex((range) => start < range.end);
  const range = ranges[index]!;
  const rest = { start: end, end: range.end };
  range.end = start;
  if (range.start < range.end) {
    if (rest.start < rest.end) ranges.splice(index + 1, 0, rest);
  } else if (rest.start < rest.end) ranges[index] = rest;
  else ranges.splice(index, 1);
}
