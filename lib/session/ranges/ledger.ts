import type { Cut } from "../../protocol/plain/context";
import { wrapTo } from "../../protocol/plain/values";
import { type RingVector, ring128, scope } from "../../ring";
import { VALUE_BITS } from "../../tensor/fixed-point";
import { indexText } from "../../tensor/input";
import { type Shape, sizeOf } from "../../tensor/shape";
import { host } from "../host/host";
import { type RangeLine, RangeReport } from "./report";

/** Bits of a word, the sign included. */
const WORD_BITS = 64;

/** The operation that some values belong to. */
export interface Place {
  readonly cell: string | undefined;
  /** The operation that was called, or the primitive if none was. */
  readonly operation: string;
  /** The primitive. */
  readonly kind: string;
}

/** The values of one primitive: exact, before they wrap at 64 bits. */
export interface Exact {
  readonly value: RingVector;
  readonly shape: Shape;
  readonly fracBits: number;
  readonly cuts: readonly Cut[];
}

type Line = { -readonly [K in keyof RangeLine]: RangeLine[K] };

/** The bound of some values, 2^limit, and what they mean. */
interface Bounds {
  readonly limit: number;
  /** Undefined where the values have another scale than the result and its truncation. */
  readonly fracBits: number | undefined;
  readonly shape: Shape;
}

/** Gathers how exact operations are and how near their values come to their bounds. */
export class RangeLedger {
  readonly #lines = new Map<string, Line>();
  #first: string | undefined;
  #operation: string | undefined;

  /**
   * Run a synchronous part of an operation; its primitives belong to it.
   *
   * @param counts - whether to count it as a call
   */
  within<T>(operation: string, run: () => T, counts: boolean): T {
    const before = this.#operation;
    this.#operation = operation;
    if (counts) this.#lineOf(this.place(operation)).calls++;
    try {
      return run();
    } finally {
      this.#operation = before;
    }
  }

  /** The place of a primitive that is issued now. */
  place(kind: string): Place {
    return { cell: host().cell(), operation: this.#operation ?? kind, kind };
  }

  /** Count a primitive that no operation called. */
  begin(kind: string): Place {
    const place = this.place(kind);
    if (this.#operation === undefined) this.#lineOf(place).calls++;
    return place;
  }

  /** Note the values of a primitive. */
  note(place: Place, { value, shape, fracBits, cuts }: Exact): void {
    const line = this.#lineOf(place);
    cuts.forEach(({ before, bits }, i) => {
      // Only the last truncation of several leads to the result's scale.
      const scale = i === cuts.length - 1 ? fracBits + bits : undefined;
      this.#bounded(place, before, { limit: VALUE_BITS, fracBits: scale, shape });
      line.rounding = Math.max(line.rounding ?? 0, largest(fractions({ before, bits })));
    });
    this.#bounded(place, value, { limit: WORD_BITS - 1, fracBits, shape });
  }

  /** Note the error of an operation, in units of the last place. */
  error(place: Place, ulps: number): void {
    const line = this.#lineOf(place);
    line.error = Math.max(line.error ?? 0, ulps);
  }

  /** Note how far a truncation of the protocols was off. */
  rounding(place: Place, ulps: number): void {
    const line = this.#lineOf(place);
    line.rounding = Math.max(line.rounding ?? 0, ulps);
  }

  report(): RangeReport {
    return new RangeReport(
      [...this.#lines.values()].map((line) => ({ ...line })),
      this.#first,
    );
  }

  /** Check values against ±2^limit. */
  #bounded(place: Place, x: RingVector, { limit, fracBits, shape }: Bounds): void {
    const line = this.#lineOf(place);
    const most = largest(ring128.toFloat64(x, 0));
    if (fracBits !== undefined) line.magnitude = Math.max(line.magnitude, most * 2 ** -fracBits);
    line.headroom = Math.min(line.headroom, limit - Math.log2(Math.max(1, most)));
    const position = firstOutside(x, limit + 1);
    if (position === undefined) return;
    const [word] = ring128.toSignedBigInts(ring128.slice(x, position, position + 1));
    const scale = fracBits ?? 0;
    const unit = fracBits === undefined ? " units of the last place" : "";
    const at = x.length === sizeOf(shape) ? indexText(position, shape) : "";
    const when = limit === VALUE_BITS ? " before it is cut back to scale" : "";
    line.overflow ??=
      `${nameOf(place)}: the value${at} is ${(Number(word) * 2 ** -scale).toPrecision(4)}${unit}${when}; it must be below ` +
      `${(2 ** (limit - scale)).toPrecision(4)} (2^${limit - scale}) in magnitude`;
    this.#first ??= line.overflow;
  }

  #lineOf({ cell, operation }: Place): Line {
    const key = `${cell ?? ""}\n${operation}`;
    let line = this.#lines.get(key);
    if (!line) {
      line = {
        cell,
        operation,
        calls: 0,
        error: undefined,
        rounding: undefined,
        magnitude: 0,
        headroom: WORD_BITS - 1,
        overflow: undefined,
      };
      this.#lines.set(key, line);
    }
    return line;
  }
}

/** `In [3] sigmoid (in its square)`. */
function nameOf({ cell, operation, kind }: Place): string {
  const inside = kind === operation ? "" : ` (in its ${kind})`;
  return `${cell === undefined ? "" : `${cell} `}${operation}${inside}`;
}

/** The part of each value that a truncation rounds away, in units of its result's last place: from 0 to below 1. */
export function fractions({ before, bits }: Cut): Float64Array {
  const low = scope(() => ring128.andScalar(before, (1n << BigInt(bits)) - 1n));
  return ring128.toFloat64(low, bits);
}

export function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** The position of the first value that is not a signed integer of so many bits. */
function firstOutside(x: RingVector, bits: number): number | undefined {
  const wrapped = wrapTo(x, bits);
  if (ring128.equals(x, wrapped)) return undefined;
  const inside = ring128.toSignedBigInts(wrapped);
  return ring128.toSignedBigInts(x).findIndex((value, i) => value !== inside[i]);
}
