import { inspect } from "node:util";
import type JSBI from "jsbi";
import type { Matrix } from "mathjs";
import { Eventual } from "../eventual";
import { type RingVector, ring64, toJSBI, vectorsOf } from "../ring";
import { captionHtml } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { numbersOf, type ShapeArgs } from "./arguments";
import { arangeValues, eyeValues } from "./creation";
import { caption, formatHtml, formatText } from "./display";
import { type IndexInput, readCondition, scatterLayout } from "./indexed";
import { flatten, nest, type ScalarInput, type TensorInput, toScalar } from "./input";
import { integersFromJson, type LongTensorJson, notJson } from "./json";
import type { Layout } from "./layout";
import { derivedOrigin, NO_ORIGIN, type Origin, originOf, readOut, useOrigin } from "./origin";
import { type Joining, joinAlong, joinAsNew } from "./parts";
import { type OldReduceOptions, planReduction, readReduction } from "./reduction";
import { type Axes, bracketShape, checkShape, type Shape, sameShape, sizeOf } from "./shape";
import { Tensor } from "./tensor";
import {
  combineWords,
  joinWords,
  maskWords,
  matmulWords,
  moveWords,
  multiplyWords,
  negateWords,
  type PlainMask,
  scatterWords,
  selectWords,
  sumWords,
  Words,
} from "./words";

let sharesShown = true;

/**
 * Choose whether a share that is the last value of a cell shows its words, as in the 2018 demo, or only its shape.
 * One share alone is uniformly random and reveals nothing, but both together reveal the secret. Hide shares before you
 * send a notebook to the other party.
 *
 * @param visible - Until the first call: `true`.
 */
export function showShares(visible: boolean): void {
  sharesShown = visible;
}

/**
 * A tensor of 64-bit integers that wrap around. It holds plain integers, fixed-point numbers (integers of which some
 * bits are fractional), or one party's share of a secret, which looks random. Operations on a tensor whose values are
 * still pending return a pending tensor.
 *
 * @example
 * new LongTensor([[1]])
 * LongTensor.zeros(2, 1)
 */
export class LongTensor extends Tensor {
  /** Sizes along each axis. */
  readonly shape: Shape;
  /** Fractional bits: the value of an element is its integer divided by 2^fracBits. 0 for plain integers. */
  readonly fracBits: number;
  /** Whether this is one party's share of a secret instead of a value. */
  readonly isShare: boolean;
  readonly #vector: Eventual<RingVector>;
  /** Where the words come from; checked before they are sent to the other party. @internal */
  readonly origin: Origin;

  /**
   * @param data - a number, nested arrays, a typed array, a mathjs matrix, bigints or JSBI values; or the JSON of a plain
   *   LongTensor, which gives the same tensor again
   * @throws {TypeError} an element is not a number
   * @throws {RangeError} an element is not a 64-bit integer, or rows have different lengths
   */
  constructor(data: TensorInput | LongTensor | LongTensorJson) {
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
    const json = data instanceof Tensor ? undefined : integersFromJson(data);
    const { shape, elements } = json ? { ...json, elements: json.values } : flatten(data as TensorInput);
    this.shape = shape;
    this.fracBits = json?.fracBits ?? 0;
    this.isShare = false;
    this.#vector = Eventual.of(ring64.fromBigInts(Array.from(elements, toInt64)));
    this.origin = originOf(data);
  }

  /**
   * Make a tensor from its JSON, `LongTensor.fromJSON(JSON.parse(text))`, with all 64 bits and its scale.
   *
   * @throws {TypeError} it is not the JSON of a LongTensor with its integers: that of a share has none
   * @throws {RangeError} the integers do not fill the shape, or have more than 64 bits
   */
  static fromJSON(json: LongTensorJson): LongTensor {
    if (!integersFromJson(json)) throw notJson("LongTensor", json);
    return new LongTensor(json);
  }

  /** A tensor of zeros, `LongTensor.zeros(2, 1)` or `LongTensor.zeros([2, 1])`. */
  static zeros(...shape: ShapeArgs): LongTensor {
    return LongTensor.full(numbersOf("zeros", shape), 0);
  }

  /** A tensor of ones, `LongTensor.ones(2, 1)` or `LongTensor.ones([2, 1])`. */
  static ones(...shape: ShapeArgs): LongTensor {
    return LongTensor.full(numbersOf("ones", shape), 1);
  }

  /**
   * A tensor with every element equal to one integer, `LongTensor.full([2, 1], 7n)`.
   *
   * @throws {RangeError} the value is not a 64-bit integer
   */
  static full(shape: Shape, value: ScalarInput): LongTensor {
    const vector = ring64.full(sizeOf(checkShape(shape)), toInt64(toScalar(value)));
    return longTensor(vector, shape, 0, { origin: originOf(value) });
  }

  /** The identity matrix, `LongTensor.eye(3)`. With two sizes, a matrix of zeros with ones on its main diagonal. */
  static eye(rows: number, columns: number = rows): LongTensor {
    return new LongTensor(eyeValues(rows, columns)).reshape(rows, columns);
  }

  /**
   * A vector of `start`, `start + step`, … up to but not including `stop`. With one argument, it counts from 0 to that.
   *
   * @throws {RangeError} the step is 0, or an element is not an integer
   *
   * @example
   * LongTensor.arange(3) // [0, 1, 2]
   */
  static arange(start: number, stop?: number, step = 1): LongTensor {
    return new LongTensor(arangeValues(start, stop, step));
  }

  /**
   * Join tensors along an existing axis. On shares, it gives a share.
   *
   * @param axis - Default: the first.
   * @throws {RangeError} there are no tensors, shapes differ along another axis, or fractional bits differ
   * @throws {TypeError} some are shares and others are not: both parties would join the others
   */
  static concat(tensors: readonly (TensorInput | LongTensor)[], axis = 0): LongTensor {
    return join("concat", tensors, (shapes) => joinAlong(shapes, axis));
  }

  /**
   * Stack tensors of equal shape along a new axis. On shares, it gives a share.
   *
   * @param axis - Default: the first.
   * @throws {RangeError} there are no tensors, shapes differ, or fractional bits differ
   * @throws {TypeError} some are shares and others are not: both parties would join the others
   */
  static stack(tensors: readonly (TensorInput | LongTensor)[], axis = 0): LongTensor {
    return join("stack", tensors, (shapes) => joinAsNew(shapes, axis));
  }

  /** False while the values are still pending. */
  get settled(): boolean {
    return this.#vector.settled;
  }

  /**
   * Element-wise sum with NumPy's broadcasting, wrapping at 64 bits. On shares, it gives a share of the sum.
   *
   * Two shares must have equal shapes, because adding them also reconstructs a secret; call `broadcastTo` first if you
   * mean something else.
   *
   * @throws {RangeError} shapes do not match, or fractional bits differ
   * @throws {TypeError} one is a share and the other is not: if both parties added a plain tensor, it would count twice
   */
  add(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(combineWords("add", this, new LongTensor(other)));
  }

  /** Element-wise difference; see `add`. */
  sub(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(combineWords("sub", this, new LongTensor(other)));
  }

  /** Element-wise negation. On a share, it gives a share of the negated secret. */
  neg(): LongTensor {
    return new LongTensor(negateWords(this));
  }

  /**
   * Element-wise product with NumPy's broadcasting, wrapping at 64 bits. A share times a plain tensor is a share of the
   * product.
   *
   * @returns a tensor whose fractional bits are the sum of both operands' fractional bits
   * @throws {RangeError} the shapes do not match
   * @throws {TypeError} both are shares: the product of two shares is not a share of the product
   */
  mul(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(multiplyWords(this, new LongTensor(other)));
  }

  /**
   * Matrix product, wrapping at 64 bits. Axes before the last two are batches of matrices and broadcast. A vector
   * counts as a row on the left and as a column on the right. A share times a plain tensor is a share of the product.
   *
   * @returns shape …×m×n for operands …×m×k and …×k×n; the fractional bits are the sum of both operands'
   * @throws {RangeError} the inner sizes differ, or the batches do not match
   * @throws {TypeError} both are shares: the product of two shares is not a share of the product
   */
  matmul(other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(matmulWords(this, new LongTensor(other)));
  }

  /**
   * Take this where a condition is 1, and the other where it is 0; all three broadcast. On two shares, it gives a share.
   *
   * @param condition - ones and zeros that both parties know
   * @throws {RangeError} the condition has other elements, the shapes do not match, or fractional bits differ
   * @throws {TypeError} one of the two is a share and the other is not
   */
  where(condition: IndexInput, other: TensorInput | LongTensor): LongTensor {
    return new LongTensor(selectWords(this, readCondition(condition), new LongTensor(other)));
  }

  /**
   * Add the elements of a source at positions along an axis, each at its own place along all others, as PyTorch does.
   * On two shares, it gives a share.
   *
   * @param index - for each element of the source, its position along the axis; it may be smaller than the source
   * @throws {RangeError} a position is out of range, the index is larger than the source, or fractional bits differ
   * @throws {TypeError} one of the two is a share and the other is not
   */
  scatterAdd(axis: number, index: IndexInput, source: TensorInput | LongTensor): LongTensor {
    const added = new LongTensor(source);
    return new LongTensor(scatterWords(this, added, scatterLayout(this.shape, axis, index, added.shape)));
  }

  /**
   * Sum over all elements, which gives a scalar, or over some axes, wrapping at 64 bits. On a share, it gives a share
   * of the sum.
   *
   * @param axes - one axis or several; negative ones count from the last. Default: all.
   * @param options.keepdim - keep the summed axes, with size 1. Default: false
   * @throws {RangeError} an axis does not exist or is named twice
   * @throws {TypeError} an axis is not a number, or an option is unknown
   */
  sum(axes?: Axes, options?: OldReduceOptions): LongTensor;
  sum(...given: readonly unknown[]): LongTensor {
    const { axes, ...options } = readReduction("sum", given);
    return new LongTensor(sumWords(this, planReduction("sum", this.shape, axes, options)));
  }

  /**
   * Whether all integers, the shapes and the fractional bits are equal.
   *
   * @param other - a tensor, or the integers as nested arrays or a mathjs matrix, not divided by 2^fracBits
   * @throws {UnsettledError} one of the two is still pending
   */
  equals(other: TensorInput | LongTensor): boolean {
    const right = new LongTensor(other);
    // Enough answers to such questions would reveal the words.
    readOut(right.origin, readOut(this.origin, undefined));
    return (
      sameShape(this.shape, right.shape) &&
      (this.fracBits === right.fracBits || !(other instanceof LongTensor)) &&
      ring64.equals(this.vector.value, right.vector.value)
    );
  }

  /** Convert to nested arrays of signed 64-bit bigints, not divided by 2^fracBits. */
  override toArray(): unknown {
    return readOut(this.origin, nest(ring64.toSignedBigInts(this.vector.value), this.shape));
  }

  override toMatrix(): Matrix {
    return readOut(this.origin, super.toMatrix());
  }

  /** Convert to nested arrays of signed JSBI values, not divided by 2^fracBits, for code without native bigints. */
  toJSBI(): unknown {
    const words: JSBI[] = ring64.toSignedBigInts(this.vector.value).map(toJSBI);
    return readOut(this.origin, nest(words, this.shape));
  }

  /** A copy of the integers, row after row, not divided by 2^fracBits. */
  toTypedArray(): BigInt64Array {
    return readOut(this.origin, BigInt64Array.from(ring64.toSignedBigInts(this.vector.value)));
  }

  /**
   * Return the only integer, not divided by 2^fracBits.
   *
   * @throws {RangeError} there is not exactly one element
   */
  item(): bigint {
    if (sizeOf(this.shape) !== 1)
      throw new RangeError(`item() needs exactly one element, got shape ${bracketShape(this.shape)}`);
    return readOut(this.origin, ring64.toSignedBigInts(this.vector.value)[0]!);
  }

  /** The stored integers, for the protocols. @internal */
  get vector(): Eventual<RingVector> {
    useOrigin(this.origin);
    return this.#vector;
  }

  /** The integers, for conversion to plain numbers. @internal */
  get numbers(): RingVector {
    return readOut(this.origin, this.vector.value);
  }

  /** The vectors that a scope must keep when it returns this tensor. @internal */
  *[vectorsOf](): IterableIterator<RingVector> {
    if (this.settled && !this.#vector.failed) yield this.#vector.value;
  }

  override toString(): string {
    if (this.isShare || !this.settled) return `[${this.#title}]`;
    return readOut(this.origin, formatText(this.#printable()));
  }

  /**
   * Return the type, the shape, the scale and the integers as texts; `fromJSON` and the constructor make the same tensor
   * of it. For a share, and for a tensor that is still pending, only the shape: the words of a share must not reach a log.
   */
  toJSON(): LongTensorJson | { type: "LongTensor"; shape: Shape; fracBits: number; isShare: boolean } {
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

  protected move(layout: Layout): this {
    return new LongTensor(moveWords(this, layout)) as this;
  }

  protected mask(mask: PlainMask, otherwise: ScalarInput = 0): this {
    const word = toInt64(toScalar(otherwise));
    const { vector, origin, ...kind } = maskWords(this, mask, word);
    // The other value is a plain number, so it adds no origin.
    const whence = word === 0n ? origin : derivedOrigin([origin, originOf(otherwise)]);
    return new LongTensor(new Words(vector, kind, whence)) as this;
  }

  /** Text for a tensor whose values must not be shown. */
  get #title(): string {
    return this.isShare ? `share, ${this.#caption}` : this.#caption;
  }

  /** Notes of the caption in HTML. */
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

/** Make a LongTensor from integers of the ring mod 2^64, settled or pending. */
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
  operation: string,
  tensors: readonly (TensorInput | LongTensor)[],
  arrange: (shapes: readonly Shape[]) => Joining,
): LongTensor {
  const parts = tensors.map((tensor) => new LongTensor(tensor));
  return new LongTensor(joinWords(operation, parts, arrange(parts.map((part) => part.shape))));
}

function toInt64(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(
      `LongTensor elements must be integers, and bigints from 2^53 on, got the number ${value}`,
    );
  }
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${integer} does not fit in 64 bits`);
  return integer;
}
