import { SpdzError } from "../../errors";
import type { Layout, RawVector } from "../kinds/raw";

const NOTHING = new Uint8Array(0);
/** So many bytes are quicker to copy one by one than to ask for a copy. */
const FEW_BYTES = 64;

interface Batch {
  readonly start: number;
  readonly count: number;
  readonly fields: readonly RawVector[];
  /** Items not yet taken. */
  left: number;
  /** Where they are, in order; no two ranges touch. */
  readonly free: Range[];
}

interface Range {
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
 * The items of one kind, numbered in the order they are made. An item leaves by a copy, and its own bytes are
 * overwritten before the copy is handed out, or with the whole of its batch, so that nothing is given twice.
 */
export class Stock {
  /** Items that are made or will be. */
  planned = 0;
  #reserved = 0;
  #made = 0;
  /** In the order of their numbers. */
  #batches: Batch[] = [];
  #takers: Taker[] = [];
  #failure: Error | undefined;

  /**
   * @param fields - vectors of one item, such as 3 of a triple
   * @param width - elements of each
   * @param layout - bytes of an element
   */
  constructor(
    readonly fields: number,
    readonly width: number,
    readonly layout: Layout,
  ) {}

  get reserved(): number {
    return this.#reserved;
  }

  get made(): number {
    return this.#made;
  }

  reserve(count: number): { next: number; end: number } {
    const next = this.#reserved;
    this.#reserved += count;
    return { next, end: this.#reserved };
  }

  /** Items that are at hand. */
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

  /** @throws {SpdzError} `internal`: some of them were taken before; nothing is taken then */
  #burn(start: number, count: number): RawVector[] {
    const end = start + count;
    let present = 0;
    for (let i = 0; i < this.#batches.length; i++) {
      const { start: first, count: size, left, free, fields } = this.#batches[i]!;
      if (first >= end) break;
      if (first === start && size === count && left === count) {
        // All of a batch is handed over as it is: nothing of it stays.
        this.#batches.splice(i, 1);
        return [...fields];
      }
      if (start < first + size) present += overlap(free, start, end);
    }
    // Zeros in place of randomness would show what they are to mask.
    if (present !== count) {
      throw new SpdzError(
        "internal",
        `${count - present} of ${count} items of correlated randomness are not in stock any more: they were taken before`,
      );
    }
    const units = { values: this.width * this.layout.value, macs: this.width * this.layout.mac };
    const result = new Array<RawVector>(this.fields);
    for (let i = 0; i < this.fields; i++) {
      result[i] = {
        values: units.values === 0 ? NOTHING : new Uint8Array(count * units.values),
        macs: units.macs === 0 ? NOTHING : new Uint8Array(count * units.macs),
      };
    }
    let empty = false;
    for (const batch of this.#batches) {
      const from = Math.max(start, batch.start);
      const to = Math.min(end, batch.start + batch.count);
      if (batch.start >= end) break;
      if (from >= to) continue;
      for (let i = 0; i < this.fields; i++) {
        const [source, target] = [batch.fields[i]!, result[i]!];
        const [first, length, at] = [from - batch.start, to - from, from - start];
        moveOut(source.values, first * units.values, length * units.values, target.values, at * units.values);
        moveOut(source.macs, first * units.macs, length * units.macs, target.macs, at * units.macs);
      }
      batch.left -= to - from;
      remove(batch.free, from, to);
      empty ||= batch.left === 0;
    }
    if (empty) this.#batches = this.#batches.filter((batch) => batch.left > 0);
    return result;
  }
}

/** Copies bytes to another place and overwrites them where they were. */
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

/** How many items from `start` to before `end` are in the ranges. */
function overlap(ranges: readonly Range[], start: number, end: number): number {
  let sum = 0;
  for (const range of ranges) sum += Math.max(0, Math.min(end, range.end) - Math.max(start, range.start));
  return sum;
}

/** Removes the items from `start` to before `end` from the ranges, one of which holds them all. */
function remove(ranges: Range[], start: number, end: number): void {
  const index = ranges.findIndex((range) => start < range.end);
  const range = ranges[index]!;
  const rest = { start: end, end: range.end };
  range.end = start;
  if (range.start < range.end) {
    if (rest.start < rest.end) ranges.splice(index + 1, 0, rest);
  } else if (rest.start < rest.end) ranges[index] = rest;
  else ranges.splice(index, 1);
}
