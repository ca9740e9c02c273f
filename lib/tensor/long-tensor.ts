import { inspect } from "node:util";
import { type RingVector, ring64 } from "../ring";
import { caption, escapeHtml, formatHtml, formatText, jupyterDisplay, type MimeBundle } from "./display";
import { Eventual } from "./eventual";
import { flatten, nest, type TensorInput } from "./input";
import { checkShape, type Shape, sameShape, sizeOf } from "./shape";

let sharesShown = true;

/**
 * Whether a share that is the last value of a cell shows its words, as the 2018 demo does (the default), or only
 * its shape. One share alone is uniformly random and tells nothing, but both together tell the secret: hide them
 * before you send a notebook to the other party.
 */
export function showShares(visible: boolean): void {
  sharesShown = visible;
}

/**
 * A tensor of 64-bit integers, wrapping as they do. It holds plain integers, fixed-point numbers (an integer and
 * how many of its bits are fractional), or one party's share of a secret, which looks like noise.
 *
 * @example
 * new LongTensor([[1]])
 * LongTensor.zeros(2, 1)
 */
export class LongTensor {
  /** Sizes along each axis. */
  readonly shape: Shape;
  /** The value of an element is its integer divided by 2^fracBits; 0 for plain integers. */
  readonly fracBits: number;
  /** One party's share of a secret rather than a value of its own. */
  readonly isShare: boolean;
  readonly #vector: Eventual<RingVector>;

  /**
   * @param data - a number, nested arrays, a typed array, a mathjs matrix, bigints or JSBI values
   * @throws {TypeError} an element is no number
   * @throws {RangeError} an element is no integer of 64 bits, or rows differ in length
   */
  constructor(data: TensorInput | LongTensor) {
    if (data instanceof LongTensor) {
      this.shape = data.shape;
      this.fracBits = data.fracBits;
      this.isShare = data.isShare;
      this.#vector = data.#vector;
      return;
    }
    if (data instanceof Words) {
      this.shape = checkShape(data.shape);
      this.fracBits = data.fracBits;
      this.isShare = data.isShare;
      this.#vector = data.vector;
      return;
    }
    const { shape, elements } = flatten(data);
    this.shape = shape;
    this.fracBits = 0;
    this.isShare = false;
    this.#vector = Eventual.of(ring64.fromBigInts(elements.map(toInt64)));
  }

  /** A tensor of zeros, `LongTensor.zeros(2, 1)`. */
  static zeros(...shape: number[]): LongTensor {
    return longTensor(ring64.zeros(sizeOf(checkShape(shape))), shape, 0);
  }

  /** The sizes along all axes, or along one. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[axis]!;
  }

  /** False while the values are still under way between the parties. */
  get settled(): boolean {
    return this.#vector.settled;
  }

  /**
   * The sum, wrapping at 64 bits; on shares it is the share of the sum.
   *
   * @throws {RangeError} other shapes or other fractional bits
   */
  add(other: LongTensor): LongTensor {
    this.#requireAlike(other);
    return longTensor(ring64.add(this.#vector.value, other.#vector.value), this.shape, this.fracBits, {
      isShare: this.isShare || other.isShare,
    });
  }

  /**
   * Whether all integers agree; shapes and fractional bits must too.
   *
   * @throws {UnsettledError} one of them is still under way
   */
  equals(other: LongTensor): boolean {
    return (
      sameShape(this.shape, other.shape) &&
      this.fracBits === other.fracBits &&
      ring64.equals(this.#vector.value, other.#vector.value)
    );
  }

  /** Nested arrays of signed 64-bit bigints, not divided by 2^fracBits. */
  toArray(): unknown {
    return nest(ring64.toSignedBigInts(this.#vector.value), this.shape);
  }

  /** The integers as they are stored, for the protocols. @internal */
  get vector(): Eventual<RingVector> {
    return this.#vector;
  }

  toString(): string {
    return this.#hidden ? `[${this.#caption}]` : formatText(this.#printable());
  }

  /** Shapes only for a share: a log is no place for its words. */
  toJSON(): unknown {
    const { shape, fracBits, isShare } = this;
    if (isShare || !this.settled) return { type: "LongTensor", shape, fracBits, isShare };
    return {
      type: "LongTensor",
      shape,
      fracBits,
      values: ring64.toSignedBigInts(this.#vector.value).map(String),
    };
  }

  [inspect.custom](): string {
    return this.isShare ? `[share, ${this.#caption}]` : this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    const text = this.toString();
    const html = this.#hidden ? `<small>${escapeHtml(this.#caption)}</small>` : formatHtml(this.#printable());
    return { "text/plain": text, "text/html": html };
  }

  get #hidden(): boolean {
    return !this.settled || (this.isShare && !sharesShown);
  }

  get #caption(): string {
    const suffix = this.settled ? "" : ", still under way";
    return caption("LongTensor", this.shape, this.fracBits) + suffix;
  }

  #printable() {
    const words = ring64.toSignedBigInts(this.#vector.value);
    return { shape: this.shape, element: (i: number) => String(words[i]), caption: this.#caption };
  }

  #requireAlike(other: LongTensor): void {
    if (!sameShape(this.shape, other.shape)) {
      throw new RangeError(`shapes [${this.shape}] and [${other.shape}] differ`);
    }
    if (this.fracBits !== other.fracBits) {
      throw new RangeError(`${this.fracBits} and ${other.fracBits} fractional bits differ`);
    }
  }
}

/** What the constructor takes from inside the library. */
class Words {
  constructor(
    readonly vector: Eventual<RingVector>,
    readonly shape: Shape,
    readonly fracBits: number,
    readonly isShare: boolean,
  ) {}

  /** Never called: it makes the class a TensorInput to the compiler. */
  toArray(): unknown {
    return [];
  }
}

/** A LongTensor over integers of the ring mod 2^64 that are there or under way. */
export function longTensor(
  vector: RingVector | Eventual<RingVector>,
  shape: Shape,
  fracBits: number,
  { isShare = false } = {},
): LongTensor {
  const eventual = vector instanceof Eventual ? vector : Eventual.of(vector);
  return new LongTensor(new Words(eventual, shape, fracBits, isShare));
}

function toInt64(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`a LongTensor holds integers, and ${value} is none that a double holds exactly`);
  }
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${integer} does not fit in 64 bits`);
  return integer;
}
