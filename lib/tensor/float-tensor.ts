import { inspect } from "node:util";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { numbersOf, type ShapeArgs } from "./arguments";
import { arangeValues, eyeValues, linspaceValues } from "./creation";
import { caption, formatHtml, formatText } from "./display";
import {
  doubles,
  joinDoubles,
  largestAlong,
  multiplyDoubles,
  pick,
  spreadDoubles,
  zipDoubles,
} from "./doubles";
import { type IndexInput, readCondition, scatterLayout } from "./indexed";
import { flatten, nest, type ScalarInput, type TensorInput, toScalar } from "./input";
import { doublesFromJson, doublesToJson, type FloatTensorClone, type FloatTensorJson, notJson } from "./json";
import { type Layout, moveElements } from "./layout";
import { LongTensor } from "./long-tensor";
import { planMatmul } from "./matmul";
import { formatNumbers } from "./numbers";
import { handOut, plannedSources, type Source, sourcesOf } from "./origin";
import { type Joining, joinAlong, joinAsNew } from "./parts";
import {
  addUp,
  around,
  type OldReduceOptions,
  planReduction,
  planVariance,
  readReduction,
  type SpreadOptions,
} from "./reduction";
import { type Axes, bracketShape, broadcastShapes, checkShape, type Shape, sameShape, sizeOf } from "./shape";
import { Tensor } from "./tensor";
import type { PlainMask } from "./words";

/**
 * A tensor of plain double-precision numbers. A party encodes one before sharing and gets one back after revealing.
 * Its elements are readable, not secret-shared.
 *
 * @example
 * new FloatTensor([[3, 3]]).matmul(new FloatTensor([[2], [2]])) // [[12]]
 */
export class FloatTensor extends Tensor {
  readonly shape: Shape;
  /** The elements, row after row. This is not a copy: do not change it. */
  readonly values: Float64Array;

  /**
   * @param data - a number, nested arrays, a typed array, a mathjs matrix, or another tensor. From a LongTensor it
   *   takes the values, that is, the integers divided by 2^fracBits. The JSON of a FloatTensor and its structured clone
   *   give the same tensor again.
   * @throws {TypeError} an element is not a number, or the data is a share
   * @throws {RangeError} rows of different lengths
   */
  constructor(data: TensorInput | FloatTensor | LongTensor | FloatTensorJson | FloatTensorClone) {
    super();
    const plain = data instanceof Tensor ? undefined : doublesFromJson(data);
    if (plain) {
      this.shape = plain.shape;
      this.values = plain.values;
    } else if (data instanceof FloatTensor) {
      this.shape = data.shape;
      this.values = data.values;
      guarded(this, sourcesOf(data));
    } else if (data instanceof LongTensor) {
      if (data.isShare)
        throw new TypeError("cannot convert a single share to numbers: reconstruct and decode it first");
      this.shape = data.shape;
      const words = data.numbers;
      this.values = words.ring.toFloat64(words, data.fracBits);
      guarded(this, plannedSources(data.origin));
    } else {
      const { shape, elements } = flatten(data as TensorInput);
      this.shape = shape;
      this.values = Float64Array.from(elements, Number);
    }
  }

  /**
   * Make a tensor from its JSON, `FloatTensor.fromJSON(JSON.parse(text))`. NaN, infinities and −0 come back too.
   *
   * @throws {TypeError} it is not the JSON of a FloatTensor
   * @throws {RangeError} the values do not fill the shape
   */
  static fromJSON(json: FloatTensorJson): FloatTensor {
    if (!doublesFromJson(json)) throw notJson("FloatTensor", json);
    return new FloatTensor(json);
  }

  /** A tensor of zeros, `FloatTensor.zeros(2, 1)` or `FloatTensor.zeros([2, 1])`. */
  static zeros(...shape: ShapeArgs): FloatTensor {
    return FloatTensor.full(numbersOf("zeros", shape), 0);
  }

  /** A tensor of ones, `FloatTensor.ones(2, 1)` or `FloatTensor.ones([2, 1])`. */
  static ones(...shape: ShapeArgs): FloatTensor {
    return FloatTensor.full(numbersOf("ones", shape), 1);
  }

  /** A tensor with every element equal to one number, `FloatTensor.full([2, 1], 0.5)`. */
  static full(shape: Shape, value: ScalarInput): FloatTensor {
    const values = new Float64Array(sizeOf(checkShape(shape))).fill(Number(toScalar(value)));
    return FloatTensor.from(values, shape);
  }

  /** The identity matrix, `FloatTensor.eye(3)`. With two sizes, a matrix of zeros with ones on its main diagonal. */
  static eye(rows: number, columns: number = rows): FloatTensor {
    return FloatTensor.from(eyeValues(rows, columns), [rows, columns]);
  }

  /**
   * A vector of `start`, `start + step`, … up to but not including `stop`. With one argument, it counts from 0 to that.
   *
   * @throws {RangeError} the step is 0
   *
   * @example
   * FloatTensor.arange(3) // [0, 1, 2]
   * FloatTensor.arange(1, 0, -0.5) // [1, 0.5]
   */
  static arange(start: number, stop?: number, step = 1): FloatTensor {
    return new FloatTensor(arangeValues(start, stop, step));
  }

  /**
   * A vector of `count` equally spaced numbers from `start` to `stop`, both included.
   *
   * @example
   * FloatTensor.linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
   */
  static linspace(start: number, stop: number, count: number): FloatTensor {
    return new FloatTensor(linspaceValues(start, stop, count));
  }

  /**
   * Make a tensor from elements in row-major order, without copying them.
   *
   * @throws {RangeError} the number of elements does not match the shape
   */
  static from(values: Float64Array, shape: Shape): FloatTensor {
    const checked = checkShape(shape);
    if (values.length !== sizeOf(checked)) {
      throw new RangeError(`${values.length} elements do not fill a tensor of shape [${checked}]`);
    }
    const tensor = Object.create(FloatTensor.prototype) as { shape: Shape; values: Float64Array };
    tensor.shape = checked;
    tensor.values = values;
    return tensor as FloatTensor;
  }

  /**
   * Join tensors along an existing axis.
   *
   * @param axis - Default: the first.
   * @throws {RangeError} there are no tensors, or shapes differ along another axis
   *
   * @example
   * FloatTensor.concat([[1, 2], [3]]) // [1, 2, 3]
   */
  static concat(tensors: readonly (TensorInput | FloatTensor)[], axis = 0): FloatTensor {
    return join(tensors, (shapes) => joinAlong(shapes, axis));
  }

  /**
   * Stack tensors of equal shape along a new axis.
   *
   * @param axis - Default: the first.
   * @throws {RangeError} there are no tensors, or shapes differ
   *
   * @example
   * FloatTensor.stack([[1, 2], [3, 4]]) // [[1, 2], [3, 4]]
   */
  static stack(tensors: readonly (TensorInput | FloatTensor)[], axis = 0): FloatTensor {
    return join(tensors, (shapes) => joinAsNew(shapes, axis));
  }

  /**
   * Element-wise sum with NumPy's broadcasting.
   *
   * @throws {RangeError} the shapes do not match
   *
   * @example
   * new FloatTensor([[1], [2]]).add([10, 20]) // [[11, 21], [12, 22]]
   */
  add(other: TensorInput | FloatTensor): FloatTensor {
    return zip("add", this, other, (a, b) => a + b);
  }

  /** Element-wise difference; broadcasts as `add` does. */
  sub(other: TensorInput | FloatTensor): FloatTensor {
    return zip("sub", this, other, (a, b) => a - b);
  }

  /** Element-wise product; broadcasts as `add` does. For matrix products use `matmul`. */
  mul(other: TensorInput | FloatTensor): FloatTensor {
    return zip("mul", this, other, (a, b) => a * b);
  }

  /** Element-wise quotient; broadcasts as `add` does. Division by zero gives Infinity or NaN. */
  div(other: TensorInput | FloatTensor): FloatTensor {
    return zip("div", this, other, (a, b) => a / b);
  }

  /** Element-wise negation. */
  neg(): FloatTensor {
    return this.map((a) => -a);
  }

  /** Element-wise absolute value. */
  abs(): FloatTensor {
    return this.map(Math.abs);
  }

  /** Apply a function to each element, `x.map(Math.exp)`. */
  map(f: (element: number) => number): FloatTensor {
    return made(
      this.values.map((element) => f(element)),
      this.shape,
      this,
    );
  }

  /** 1 where the elements are equal, 0 elsewhere; broadcasts as `add` does. NaN equals nothing. */
  eq(other: TensorInput | FloatTensor): FloatTensor {
    return zip("eq", this, other, (a, b) => Number(a === b));
  }

  /** 1 where the elements differ, 0 elsewhere; see `eq`. */
  ne(other: TensorInput | FloatTensor): FloatTensor {
    return zip("ne", this, other, (a, b) => Number(a !== b));
  }

  /** 1 where this is less than the other, 0 elsewhere; see `eq`. */
  lt(other: TensorInput | FloatTensor): FloatTensor {
    return zip("lt", this, other, (a, b) => Number(a < b));
  }

  /** 1 where this is at most the other, 0 elsewhere; see `eq`. */
  le(other: TensorInput | FloatTensor): FloatTensor {
    return zip("le", this, other, (a, b) => Number(a <= b));
  }

  /** 1 where this is greater than the other, 0 elsewhere; see `eq`. */
  gt(other: TensorInput | FloatTensor): FloatTensor {
    return zip("gt", this, other, (a, b) => Number(a > b));
  }

  /** 1 where this is at least the other, 0 elsewhere; see `eq`. */
  ge(other: TensorInput | FloatTensor): FloatTensor {
    return zip("ge", this, other, (a, b) => Number(a >= b));
  }

  /**
   * Take this where a condition is 1, and the other where it is 0; all three broadcast.
   *
   * @param condition - ones and zeros
   * @throws {RangeError} the condition has other elements, or the shapes do not match
   *
   * @example
   * x.where(x.gt(0), 0)
   */
  where(condition: IndexInput, other: TensorInput | FloatTensor): FloatTensor {
    const [right, mask] = [new FloatTensor(other), readCondition(condition)];
    const both = broadcastShapes(this.shape, right.shape, "where");
    const shape = broadcastShapes(both, mask.shape, "where");
    const [x, y, keep] = [this, right, mask].map((each) => spreadDoubles(each.values, each.shape, shape));
    const values = x!.map((element, i) => (keep![i] ? element : y![i]!));
    return made(values, shape, this, right);
  }

  /**
   * Add the elements of a source at positions along an axis, each at its own place along all others, as PyTorch does.
   *
   * @param index - for each element of the source, its position along the axis; it may be smaller than the source
   * @throws {RangeError} a position is out of range, or the index is larger than the source
   *
   * @example
   * FloatTensor.zeros(3).scatterAdd(0, [0, 2, 0], [1, 2, 3]) // [4, 0, 2]
   */
  scatterAdd(axis: number, index: IndexInput, source: TensorInput | FloatTensor): FloatTensor {
    const added = new FloatTensor(source);
    return this.add(added.move(scatterLayout(this.shape, axis, index, added.shape)));
  }

  /**
   * Matrix product. Axes before the last two are batches of matrices and broadcast. A vector counts as a row on the
   * left and as a column on the right.
   *
   * @returns shape …×m×n for operands …×m×k and …×k×n
   * @throws {RangeError} the inner sizes differ, or the batches do not match
   */
  matmul(other: TensorInput | FloatTensor): FloatTensor {
    const right = new FloatTensor(other);
    const plan = planMatmul(this.shape, right.shape);
    return made(multiplyDoubles(this.values, right.values, plan), plan.shape, this, right);
  }

  /**
   * Sum over all elements, which gives a scalar, or over some axes.
   *
   * @param axes - one axis or several; negative ones count from the last. Default: all.
   * @param options.keepdim - keep the summed axes, with size 1. Default: false
   * @throws {RangeError} an axis does not exist or is named twice
   * @throws {TypeError} an axis is not a number, or an option is unknown
   *
   * @example
   * new FloatTensor([[1, 2], [3, 4]]).sum(0) // [4, 6]
   */
  sum(axes?: Axes, options?: OldReduceOptions): FloatTensor;
  sum(...given: readonly unknown[]): FloatTensor {
    return total(this, "sum", given).sum;
  }

  /** Mean over all elements, which gives a scalar, or over some axes, as `sum` does. NaN if there are no elements. */
  mean(axes?: Axes, options?: OldReduceOptions): FloatTensor;
  mean(...given: readonly unknown[]): FloatTensor {
    const { sum, count } = total(this, "mean", given);
    return sum.map((element) => element / count);
  }

  /**
   * Variance over all elements, which gives a scalar, or over some axes: the sum of squared distances from the mean, over
   * the number of elements less a correction.
   *
   * @param options.keepdim - keep the axes, with size 1. Default: false
   * @param options.correction - Default: 1; 0 divides by the number of elements
   * @throws {RangeError} an axis does not exist, or the correction leaves nothing to divide by
   *
   * @example
   * new FloatTensor([1, 2, 3]).variance() // 1
   */
  variance(axes?: Axes, options?: SpreadOptions): FloatTensor;
  variance(...given: readonly unknown[]): FloatTensor {
    const { axes, ...options } = readReduction("variance", given, ["keepdim", "correction"]);
    const { divisor } = planVariance(this.shape, axes, options);
    const distances = this.sub(this.mean(axes, { keepdim: true }));
    return distances
      .map((each) => each * each)
      .sum(axes, { keepdim: options.keepdim ?? false })
      .map((sum) => sum / divisor);
  }

  /**
   * Running sums along an axis: each element is the sum of all up to it.
   *
   * @throws {RangeError} the axis does not exist
   *
   * @example
   * new FloatTensor([[1, 2], [3, 4]]).cumsum(0) // [[1, 2], [4, 6]]
   */
  cumsum(axis: number): FloatTensor {
    const { outer, axis: extent, inner } = around("cumsum", axis, this.shape);
    return made(doubles.cumulateAxis(this.values, outer, extent, inner), this.shape, this);
  }

  /**
   * Position of the largest element: without `axis`, its row-major position in the whole tensor, a scalar; with `axis`,
   * its positions along that axis, which is dropped. The first of equal elements wins; NaN counts as the largest.
   *
   * @throws {RangeError} the axis does not exist, or has no elements
   *
   * @example
   * new FloatTensor([[1, 5], [7, 2]]).argmax(1) // [1, 0]
   */
  argmax(axis?: number): FloatTensor {
    if (axis === undefined) return this.reshape(-1).argmax(0);
    const plan = planReduction("argmax", this.shape, axis);
    if (plan.count === 0)
      throw new RangeError(
        `argmax needs at least one element, and axis ${axis} of a tensor of shape ${bracketShape(this.shape)} has none`,
      );
    const { inner } = around("argmax", axis, this.shape);
    return made(largestAlong(this.values, plan.count, inner), plan.shape, this);
  }

  /** Whether the shapes and all elements are equal. NaN equals nothing. */
  equals(other: TensorInput | FloatTensor): boolean {
    return this.allClose(other, 0);
  }

  /**
   * Whether the shapes are equal and every element is within the tolerance.
   *
   * @param other - a tensor, nested arrays or a mathjs matrix
   * @param tolerance - largest absolute difference allowed. Default: 1e-6. Each fixed-point step adds an error of about
   *   2^−16.
   */
  allClose(other: TensorInput | FloatTensor, tolerance = 1e-6): boolean {
    const { shape, values } = new FloatTensor(other);
    return (
      sameShape(this.shape, shape) &&
      this.values.every((a, i) => a === values[i] || Math.abs(a - values[i]!) <= tolerance)
    );
  }

  /** Convert to nested arrays of numbers; a scalar becomes a number. */
  override toArray(): unknown {
    return nest(this.values, this.shape);
  }

  /** A copy of the elements, row after row. */
  toTypedArray(): Float64Array {
    return this.values.slice();
  }

  /**
   * Return the only element.
   *
   * @throws {RangeError} there is not exactly one element
   */
  item(): number {
    if (this.values.length !== 1)
      throw new RangeError(`item() needs exactly one element, got shape [${this.shape}]`);
    return this.values[0]!;
  }

  override toString(): string {
    return formatText(printable(this));
  }

  /**
   * Return the type, the shape and the elements, row after row; NaN, infinities and −0 as texts. `fromJSON` and the
   * constructor make the same tensor of it.
   */
  toJSON(): FloatTensorJson {
    return { type: "FloatTensor", shape: this.shape, values: doublesToJson(this.values) };
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    return {
      "text/plain": this.toString(),
      "text/html": formatHtml(printable(this), "doubles", "plain values"),
    };
  }

  protected move(layout: Layout): this {
    return made(moveElements(doubles, this.values, layout), layout.shape, this) as this;
  }

  protected mask(mask: PlainMask, otherwise: ScalarInput = 0): this {
    const [keep, other] = [spreadDoubles(mask.values, mask.shape, this.shape), Number(toScalar(otherwise))];
    return made(
      zipDoubles(this.values, keep, (element, kept) => (kept ? element : other)),
      this.shape,
      this,
    ) as this;
  }
}

/** Return the same tensor, tied to its sources: its numbers, and results made from them, work while those allow it. */
export function guarded(tensor: FloatTensor, sources: readonly Source[]): FloatTensor {
  if (sources.length === 0) return tensor;
  const { values } = tensor;
  const get = () => {
    for (const source of sources) source.use?.();
    return values;
  };
  handOut(tensor, sources);
  return Object.defineProperty(tensor, "values", { get, enumerable: true });
}

/** A tensor that was computed from others. */
function made(values: Float64Array, shape: Shape, ...from: readonly FloatTensor[]): FloatTensor {
  return guarded(FloatTensor.from(values, shape), [...new Set(from.flatMap(sourcesOf))]);
}

function printable({ shape, values }: FloatTensor) {
  const format = (positions: Int32Array) => formatNumbers(pick(values, positions));
  return { shape, format, caption: caption("FloatTensor", shape) };
}

function zip(
  operation: string,
  left: FloatTensor,
  other: TensorInput | FloatTensor,
  f: (a: number, b: number) => number,
): FloatTensor {
  const right = new FloatTensor(other);
  const shape = broadcastShapes(left.shape, right.shape, operation);
  const [x, y] = [left, right].map((each) => spreadDoubles(each.values, each.shape, shape));
  return made(zipDoubles(x!, y!, f), shape, left, right);
}

function join(
  tensors: readonly (TensorInput | FloatTensor)[],
  arrange: (shapes: readonly Shape[]) => Joining,
): FloatTensor {
  const parts = tensors.map((tensor) => new FloatTensor(tensor));
  const { shape, rows } = arrange(parts.map((part) => part.shape));
  return made(
    joinDoubles(
      parts.map((part) => part.values),
      rows,
    ),
    shape,
    ...parts,
  );
}

/** The sum of a reduction, and how many elements go into each of its elements. */
function total(x: FloatTensor, operation: string, given: readonly unknown[]) {
  const { axes, ...options } = readReduction(operation, given);
  const plan = planReduction(operation, x.shape, axes, options);
  return { sum: made(addUp(doubles, x.values, plan), plan.shape, x), count: plan.count };
}
