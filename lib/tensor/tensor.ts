import { createRequire } from "node:module";
import type { Matrix } from "mathjs";
import type { ScalarInput } from "./input";
import {
  broadcastLayout,
  type Layout,
  type PadWidths,
  padLayout,
  permuteLayout,
  type SliceRange,
  sliceLayout,
  squeezedShape,
  unsqueezedShape,
} from "./layout";
import { reshapedShape, resolveAxis, type Shape, transposedShape, transposeIndices } from "./shape";

/** What FloatTensor and LongTensor have in common: their shape, and everything that only moves elements about. */
export abstract class Tensor {
  /** Sizes along each axis. */
  abstract readonly shape: Shape;

  /** Nested arrays of the elements; a bare element for a scalar. */
  abstract toArray(): unknown;

  /** The same elements in a shape of as many. */
  protected abstract withShape(shape: Shape): this;

  /** The elements in a layout over this tensor; `fill` follows them as one more. */
  protected abstract gather(layout: Layout, fill?: ScalarInput): this;

  /** The sizes along all axes, or along one; a negative axis counts from the last. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[resolveAxis(axis, this.shape)]!;
  }

  /**
   * The same elements, row after row, in another shape.
   *
   * @param shape - sizes along the new axes; one may be −1 and is worked out
   * @throws {RangeError} the shape has another number of elements
   *
   * @example
   * FloatTensor.arange(6).reshape(2, -1) // [[0, 1, 2], [3, 4, 5]]
   */
  reshape(...shape: number[]): this {
    return this.withShape(reshapedShape(this.shape, shape));
  }

  /** All elements along one axis, row after row. */
  flatten(): this {
    return this.reshape(-1);
  }

  /** Without the axes of size 1, or without one of them. */
  squeeze(axis?: number): this {
    return this.withShape(squeezedShape(this.shape, axis));
  }

  /** With a new axis of size 1 at that place: `[3]` becomes `[1, 3]` for 0 and `[3, 1]` for 1 or −1. */
  unsqueeze(axis: number): this {
    return this.withShape(unsqueezedShape(this.shape, axis));
  }

  /**
   * Repeated along axes of size 1 and along new ones before the first, as NumPy broadcasts.
   *
   * @throws {RangeError} this shape does not broadcast to that one
   */
  broadcastTo(shape: Shape): this {
    return this.gather(broadcastLayout(this.shape, shape));
  }

  /** The transpose of a matrix; of more axes, the last two change places. */
  t(): this {
    const { shape } = this;
    const indices = transposeIndices(shape);
    return this.gather({ shape: transposedShape(shape), indices, source: indices.length });
  }

  /** Two axes change places, the last two unless told otherwise. */
  transpose(first = -2, second = -1): this {
    const order = this.shape.map((_, axis) => axis);
    const [a, b] = [resolveAxis(first, this.shape), resolveAxis(second, this.shape)];
    order[a] = b;
    order[b] = a;
    return this.permute(...order);
  }

  /**
   * The axes in another order: axis i of the result is axis `order[i]` of this.
   *
   * @example
   * FloatTensor.zeros(2, 3, 4).permute(2, 0, 1) // of size 4x2x3
   */
  permute(...order: number[]): this {
    return this.gather(permuteLayout(this.shape, order));
  }

  /**
   * A part of the tensor, by what to take along each of its first axes: a position, which drops the axis; `null` for
   * all of it; or `[start, end, step]`, from `start` to before `end`, where null or nothing means from or to the end.
   * Negative positions count from the end, and a negative step goes backwards: Python's `x[0:2, 1, ::-1]` is
   * `x.slice([0, 2], 1, [null, null, -1])`.
   *
   * @throws {RangeError} a position outside its axis, more ranges than axes, or a step of 0
   */
  slice(...ranges: SliceRange[]): this {
    return this.gather(sliceLayout(this.shape, ranges));
  }

  /**
   * With more elements before and after each axis.
   *
   * @param widths - one number for all ends, or for each axis a number for both its ends or a pair `[before, after]`
   * @param value - what the new elements are; 0 unless given. A share is padded with 0 only
   *
   * @example
   * new FloatTensor([[1, 2]]).pad([[0, 1], 0]) // [[1, 2], [0, 0]]
   */
  pad(widths: PadWidths, value: ScalarInput = 0): this {
    return this.gather(padLayout(this.shape, widths), value);
  }

  /**
   * A mathjs matrix with the same elements. mathjs is loaded when this is first called.
   *
   * @throws {RangeError} a scalar, which is no matrix
   */
  toMatrix(): Matrix {
    if (this.shape.length === 0) throw new RangeError("a scalar is no matrix: use item()");
    const { matrix } = createRequire(__filename)("mathjs") as typeof import("mathjs");
    return matrix(this.toArray() as number[]);
  }
}
