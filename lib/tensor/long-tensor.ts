import { inspect } from "node:util";
import type JSBI from "jsbi";
import type { Matrix } from "mathjs";
import { Eventual } from "../eventual";
import { type RingVector, ring64, toJSBI, vectorsOf } from "../ring";
import { captionHtml } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { arangeValues, eyeValues } from "./creation";
import { caption, formatHtml, formatText } from "./display";
import { flatten, nest, type ScalarInput, type TensorInput, toScalar } from "./input";
import { type Axes, concatLayout, type Layout, stackLayout } from "./layout";
import { derivedOrigin, NO_ORIGIN, type Origin, originOf, readOut, useOrigin } from "./origin";
import { bracketShape, checkShape, type Shape, sameShape, sizeOf } from "./shape";
import { Tensor } from "./tensor";
import {
  combineWords,
  gatherWords,
  joinWords,
  matmulWords,
  multiplyWords,
  negateWords,
  reshapeWords,
  sumWords,
  Words,
} from "./words";

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
 * how many of its bits are fractional), or one party's share of a secret, which looks like noise. Operations on
 * tensors whose values are still under way give tensors under way.
 *
 * @example
 * new LongTensor([[1]])
 * LongTensor.zeros(2, 1)
 */
export class LongTensor extends Tensor {
  /** Sizes along each axis. */
  readonly shape: Shape;
  /** The value of an element is its integer divided by 2^fracBits; 0 for plain integers. */
  readonly fracBits: number;
  /** One party's share of a secret rather than a value of its own. */
  readonly isShare: boolean;
  readonly #vector: Eventual<RingVector>;
  /** Where the words come from, for whoever is to give them away. @internal */
  readonly origin: Origin;

  /**
   * @param data - a number, nested arrays, a typed array, a mathjs matrix, bigints or JSBI values
   * @throws {TypeError} an element is no number
   * @throws {RangeError} an element is no integer of 64 bits, or rows differ in length
   */
  constructor(data: TensorInput | LongTensor) {
    super();
    if (data instanceof LongTensor) {
      this.shape = data.shape;
      this.fracBits = data.fracBits;
      this.isShare = data.isShare;
      this.#vector = data.#vector;
      this.origin = data.origin;
      return;
    }
    if (data instanceof Words) {
      this.shape = data.shape;
      this.fracBits = data.fracBits;
      this.isShare = data.isShare;
      this.#vector = data.vector;
      this.origin = data.origin;
      return;
    }
    const { shape, elements } = flatten(data);
    this.shape = shape;
    this.fracBits = 0;
    this.isShare = false;
    this.#vector = Eventual.of(ring64.fromBigInts(Array.from(elements, toInt64)));
    this.origin = originOf(data);
  }

  /** A tensor of zeros, `LongTensor.zeros(2, 1)`. */
  static zeros(...shape: number[]): LongTensor {
    return LongTensor.full(shape, 0);
  }

  /** A tensor of ones, `LongTensor.ones(2, 1)`. */
  static ones(...shape: number[]): LongTensor {
    return LongTensor.full(shape, 1);
  }

  /**
   * A tensor of one integer throughout, `LongTensor.full([2, 1], 7n)`.
   *
   * @throws {RangeError} the value is no integer of 64 bits
   */
  static full(shape: Shape, value: ScalarInput): LongTensor {
    const vector = ring64.full(sizeOf(checkShape(shape)), toInt64(toScalar(value)));
    return longTensor(vector, shape, 0, { origin: originOf(value) });
  }

  /** The identity matrix; with a second size, as many rows and columns of zeros with ones from the upper left down. */
  static eye(rows: number, columns: number = rows): LongTensor {
    return new LongTensor(eyeValues(rows, columns)).reshape(rows, columns);
  }

  /**
   * `start`, `start + step`, … to before `stop`; with one bound, from 0 to before it.
   *
   * @throws {RangeError} a step of 0, or what is no integer
   *
   * @example
   * LongTensor.arange(3) // [0, 1, 2]
   */
  static arange(start: number, stop?: number, step = 1): LongTensor {
    return new LongTensor(arangeValues(start, stop, step));
  }

  /**
   * Tensors one after another along an axis they have, the first unless told otherwise. With one share among them
   * the result is a share.
   *
   * @throws {RangeError} no tensors, shapes that differ along another axis, or other fractional bits
   */
  static concat(tensors: readonly (TensorInput | LongTensor)[], axis = 0): LongTensor {
    return join(tensors, (shapes) => concatLayout(shapes, axis));
  }

  /**
   * Tensors of one shape along a new axis, the first unless told otherwise; see `concat`.
   *
   * @throws {RangeError} no tensors, shapes that differ, or other fractional bits
   */
  static stack(tensors: readonly (TensorInput | LongTensor)[], axis = 0): LongTensor {
    return join(tensors, (shapes) => stackLayout(shapes, axis));
  }

  /** False while the values are still under way between the parties. */
  get settled(): boolean {
    return this.#vector.settled;
  }

  /**
   * The sum, element by element, wrapping at 64 bits, with NumPy's broadcasting; on shares it is the share of the
   * sum. Two shares must have one shape, because adding them is also how a secret is reconstructed: `broadcastTo` says
   * that anything else is meant. A plain tensor that both parties add to their shares is added twice.
   *
   * @throws {RangeError} shapes that do not match, or other fractional bits
   */
  add(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(combineWords("add", this, new LongTensor(other)));
  }

  /** The difference, element by element; see `add`. */
  sub(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(combineWords("sub", this, new LongTensor(other)));
  }

  /** The negative; of a share, the share of the negative. */
  neg(): LongTensor {
    return new LongTensor(negateWords(this));
  }

  /**
   * The product, element by element, wrapping at 64 bits, with NumPy's broadcasting. A share times a plain tensor is
   * the share of the product.
   *
   * @returns the fractional bits of both together
   * @throws {RangeError} the shapes do not match
   * @throws {TypeError} both are shares: what the parties make of them alone is no share of the product
   */
  mul(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(multiplyWords(this, new LongTensor(other)));
  }

  /**
   * The matrix product, wrapping at 64 bits. Axes before the last two are a batch of matrices and broadcast; a vector
   * is a row on the left and a column on the right. A share times a plain tensor is the share of the product.
   *
   * @returns …×m×n for …×m×k and …×k×n, with the fractional bits of both together
   * @throws {RangeError} the inner sizes differ, or the batches do not match
   * @throws {TypeError} both are shares: what the parties make of them alone is no share of the product
   */
  matmul(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(matmulWords(this, new LongTensor(other)));
  }

  /**
   * The sum of all elements, a scalar, or the sums over some axes, wrapping at 64 bits; of a share, the share of the
   * sum.
   *
   * @param axes - one axis or several, negative ones counted from the last; all unless given
   * @param options - `keepDims`: axes summed over stay, with size 1
   * @throws {RangeError} no such axis, or one twice
   */
  sum(axes: Axes = null, { keepDims = false }: { keepDims?: boolean } = {}): LongTensor {
    return new LongTensor(sumWords(this, axes, keepDims));
  }

  /**
   * Whether all integers agree; shapes and fractional bits must too.
   *
   * @param other - a tensor, or the integers as nested arrays or a mathjs matrix; those are not divided by 2^fracBits
   * @throws {UnsettledError} one of them is still under way
   */
  equals(other: TensorInput | LongTensor): boolean {
    const right = new LongTensor(other);
    // Answers enough to questions like this tell the words.
    readOut(right.origin, readOut(this.origin, undefined));
    return (
      sameShape(this.shape, right.shape) &&
      (this.fracBits === right.fracBits || !(other instanceof LongTensor)) &&
      ring64.equals(this.vector.value, right.vector.value)
    );
  }

  /** Nested arrays of signed 64-bit bigints, not divided by 2^fracBits. */
  override toArray(): unknown {
    return readOut(this.origin, nest(ring64.toSignedBigInts(this.vector.value), this.shape));
  }

  override toMatrix(): Matrix {
    return readOut(this.origin, super.toMatrix());
  }

  /** Nested arrays of signed JSBI values, not divided by 2^fracBits, for code without native bigints. */
  toJSBI(): unknown {
    const words: JSBI[] = ring64.toSignedBigInts(this.vector.value).map(toJSBI);
    return readOut(this.origin, nest(words, this.shape));
  }

  /** A copy of the integers, row after row, not divided by 2^fracBits. */
  toTypedArray(): BigInt64Array {
    return readOut(this.origin, BigInt64Array.from(ring64.toSignedBigInts(this.vector.value)));
  }

  /**
   * The only integer, not divided by 2^fracBits.
   *
   * @throws {RangeError} there are more, or none
   */
  item(): bigint {
    if (sizeOf(this.shape) !== 1)
      throw new RangeError(`a tensor of shape ${bracketShape(this.shape)} is not one integer`);
    return readOut(this.origin, ring64.toSignedBigInts(this.vector.value)[0]!);
  }

  /** The integers as they are stored, for the protocols. @internal */
  get vector(): Eventual<RingVector> {
    useOrigin(this.origin);
    return this.#vector;
  }

  /** The integers, for whoever makes plain numbers of them. @internal */
  get numbers(): RingVector {
    return readOut(this.origin, this.vector.value);
  }

  /** What a scope keeps that returns this tensor. @internal */
  *[vectorsOf](): IterableIterator<RingVector> {
    if (this.settled && !this.#vector.failed) yield this.#vector.value;
  }

  override toString(): string {
    if (this.isShare || !this.settled) return `[${this.#title}]`;
    return readOut(this.origin, formatText(this.#printable()));
  }

  /** Shapes only for a share: a log is no place for its words. */
  toJSON(): unknown {
    const { shape, fracBits, isShare } = this;
    if (isShare || !this.settled) return { type: "LongTensor", shape, fracBits, isShare };
    return {
      type: "LongTensor",
      shape,
      fracBits,
      values: readOut(this.origin, ring64.toSignedBigInts(this.vector.value).map(String)),
    };
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    if (!this.settled || (this.isShare && !sharesShown)) {
      return { "text/plain": `[${this.#title}]`, "text/html": captionHtml(...this.#notes) };
    }
    const printable = this.#printable();
    return {
      "text/plain": formatText(printable),
      "text/html": formatHtml(printable, ...this.#notes.slice(1)),
    };
  }

  protected withShape(shape: Shape): this {
    return new LongTensor(reshapeWords(this, shape)) as this;
  }

  protected gather(layout: Layout, fill: ScalarInput = 0): this {
    const word = toInt64(toScalar(fill));
    const { vector, origin, ...kind } = gatherWords(this, layout, word);
    // What it is filled with is as new as any number.
    const whence = word === 0n ? origin : derivedOrigin([origin, originOf(fill)]);
    return new LongTensor(new Words(vector, kind, whence)) as this;
  }

  /** What stands for a tensor whose values are not to be shown. */
  get #title(): string {
    return this.isShare ? `share, ${this.#caption}` : this.#caption;
  }

  /** What the caption in HTML says. */
  get #notes(): string[] {
    return [this.#caption, "64-bit integers", this.isShare ? "share of one party" : "plain values"];
  }

  get #caption(): string {
    const suffix = this.settled ? "" : ", still under way";
    return caption("LongTensor", this.shape, this.fracBits) + suffix;
  }

  #printable() {
    const format = (positions: Int32Array) =>
      ring64.toSignedBigInts(ring64.gather(this.vector.value, positions)).map(String);
    return { shape: this.shape, format, caption: this.#caption };
  }
}

/** A LongTensor over integers of the ring mod 2^64 that are there or under way. */
export function longTensor(
  vector: RingVector | Eventual<RingVector>,
  shape: Shape,
  fracBits: number,
  { isShare = false, origin = NO_ORIGIN }: { isShare?: boolean; origin?: Origin } = {},
): LongTensor {
  const eventual = vector instanceof Eventual ? vector : Eventual.of(vector);
  return new LongTensor(new Words(eventual, { shape, fracBits, isShare }, origin));
}

function join(
  tensors: readonly (TensorInput | LongTensor)[],
  arrange: (shapes: readonly Shape[]) => Layout,
): LongTensor {
  const parts = tensors.map((tensor) => new LongTensor(tensor));
  return new LongTensor(joinWords(parts, arrange(parts.map((part) => part.shape))));
}

function toInt64(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`a LongTensor holds integers, and ${value} is none that a double holds exactly`);
  }
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${integer} does not fit in 64 bits`);
  return integer;
}
