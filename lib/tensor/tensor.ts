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

/** Base of FloatTensor and LongTensor: the shape, and all operations that only move elements. */
export abstract class Tensor {
  /** Sizes along each axis. */
  abstract readonly shape: Shape;

  /** Convert to nested arrays of the elements; a scalar becomes a single element. */
  abstract toArray(): unknown;

  /** The same elements in another shape with as many elements. */
  protected abstract withShape(shape: Shape): this;

  /** Rearrange this tensor's elements by a layout; `fill` is one more element after them. */
  protected abstract gather(layout: Layout, fill?: ScalarInput): this;

  /** Sizes along all axes, or along one; a negative axis counts from the last. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[resolveAxis("size", axis, this.shape)]!;
  }

  /**
   * The same elements, row after row, in another shape.
   *
   * @param shape - sizes along the new axes; one may be −1, to be inferred
   * @throws {RangeError} the shape has a different number of elements
   *
   * @example
   * FloatTensor.arange(6).reshape(2, -1) // [[0, 1, 2], [3, 4, 5]]
   */
  reshape(...shape: number[]): this {
    return this.withShape(reshapedShape(this.shape, shape));
  }

  /** Reshape to one axis with all elements, row after row. */
  flatten(): this {
    return this.reshape(-1);
  }

  /** Drop all axes of size 1, or one of them. */
  squeeze(axis?: number): this {
    return this.withShape(squeezedShape(this.shape, axis));
  }

  /** Insert an axis of size 1 at that place: `[3]` becomes `[1, 3]` for 0 and `[3, 1]` for 1 or −1. */
  unsqueeze(axis: number): this {
    return this.withShape(unsqueezedShape(this.shape, axis));
  }

  /**
   * Repeat the tensor along axes of size 1 and along new leading axes, as NumPy broadcasts.
   *
   * @throws {RangeError} this shape does not broadcast to the given one
   */
  broadcastTo(shape: Shape): this {
    return this.gather(broadcastLayout(this.shape, shape));
  }

  /** Transpose: swap the last two axes. */
  t(): this {
    const { shape } = this;
    const indices = transposeIndices(shape);
    return this.gather({ shape: transposedShape(shape), indices, source: indices.length });
  }

  /** Swap two axes. Default: the last two. */
  transpose(first = -2, second = -1): this {
    const order = this.shape.map((_, axis) => axis);
    const [a, b] = [first, second].map((axis) => resolveAxis("transpose", axis, this.shape)) as [
      number,
      number,
    ];
    order[a] = b;
    order[b] = a;
    return this.permute(...order);
  }

  /**
   * Reorder the axes: axis i of the result is axis `order[i]` of this tensor.
   *
   * @example
   * FloatTensor.zeros(2, 3, 4).permute(2, 0, 1) // of size 4x2x3
   */
  permute(...order: number[]): this {
    return this.gather(permuteLayout(this.shape, order));
  }

  /**
   * Take a part of the tensor. For each of its first axes, say what to take:
   * - a position, which drops the axis,
   * - `null` for the whole axis, or
   * - `[start, end, step]`, from `start` up to but not including `end`; null or nothing means from or to the end.
   *
   * Negative positions count from the end, and a negative step goes backwards: Python's `x[0:2, 1, ::-1]` is
   * `x.slice([0, 2], 1, [null, null, -1])`.
   *
   * @throws {RangeError} a position is outside its axis, there are more ranges than axes, or a step is 0
   */
  slice(...ranges: SliceRange[]): this {
    return this.gather(sliceLayout(this.shape, ranges));
  }

  /**
   * Add elements before and after each axis.
   *
   * @param widths - one number for all ends; or for each axis a number for both ends, or a pair `[before, after]`
   * @param value - value of the new elements; for a share it must be 0. Default: 0.
   *
   * @example
   * new FloatTensor([[1, 2]]).pad([[0, 1], 0]) // [[1, 2], [0, 0]]
   */
  pad(widths: PadWidths, value: ScalarInput = 0): this {
    return this.gather(padLayout(this.shape, widths), value);
  }

  /**
   * Convert to a mathjs matrix with the same elements. The first call loads mathjs.
   *
   * @throws {RangeError} the tensor is a scalar
   */
  toMatrix(): Matrix {
    if (this.shape.length === 0)
      throw new RangeError("toMatrix() needs at least one axis, got a scalar: use item()");
    const { matrix } = createRequire(__filename)("mathjs") as typeof import("mathjs");
    return matrix(this.toArray() as number[]);
  }
}
