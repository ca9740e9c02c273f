import { createRequire } from "node:module";
import type { Matrix } from "mathjs";
import { numbersOf, type ShapeArgs } from "./arguments";
import { doubles } from "./doubles";
import { gatherLayout, type IndexInput, indexSelectLayout } from "./indexed";
import type { ScalarInput } from "./input";
import { type Layout, moveElements } from "./layout";
import { chunkLayouts, splitLayouts, unbindLayouts } from "./parts";
import { type Axes, resolveAxis, type Shape, sizeOf } from "./shape";
import { atLayout, type SliceRange, sliceLayout } from "./slices";
import {
  broadcastLayout,
  diagLayout,
  expandLayout,
  flattenLayout,
  flipLayout,
  type PadWidths,
  padLayout,
  permuteLayout,
  repeatLayout,
  reshapeLayout,
  rollLayout,
  squeezeLayout,
  transposeLayout,
  triangleMask,
  unsqueezeLayout,
} from "./views";
import type { PlainMask } from "./words";

/** Base of FloatTensor and LongTensor: the shape, and all operations that only move elements. */
export abstract class Tensor {
  /** Sizes along each axis. */
  abstract readonly shape: Shape;

  /** Convert to nested arrays of the elements; a scalar becomes a single element. */
  abstract toArray(): unknown;

  /** Move this tensor's elements by a layout. */
  protected abstract move(layout: Layout): this;

  /** This tensor where a mask is 1, and another value where it is 0. */
  protected abstract mask(mask: PlainMask, otherwise?: ScalarInput): this;

  /** Sizes along all axes, or along one; a negative axis counts from the last. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[resolveAxis("size", axis, this.shape)]!;
  }

  /**
   * The same elements, row after row, in another shape.
   *
   * @param shape - sizes along the new axes, as numbers or as one list; one may be −1, to be inferred
   * @throws {RangeError} the shape has a different number of elements
   *
   * @example
   * FloatTensor.arange(6).reshape(2, -1) // [[0, 1, 2], [3, 4, 5]]
   */
  reshape(...shape: ShapeArgs): this {
    return this.move(reshapeLayout(this.shape, numbersOf("reshape", shape)));
  }

  /**
   * Join axes into one, row after row. Default: all of them.
   *
   * @throws {RangeError} an axis does not exist, or the first lies behind the last
   *
   * @example
   * images.flatten(1) // one row for each image
   */
  flatten(startAxis = 0, endAxis = -1): this {
    return this.move(flattenLayout(this.shape, startAxis, endAxis));
  }

  /** Drop all axes of size 1, or one of them. @throws {RangeError} that axis has another size */
  squeeze(axis?: number): this {
    return this.move(squeezeLayout(this.shape, axis));
  }

  /** Insert an axis of size 1 at that place: `[3]` becomes `[1, 3]` for 0 and `[3, 1]` for 1 or −1. */
  unsqueeze(axis: number): this {
    return this.move(unsqueezeLayout(this.shape, axis));
  }

  /**
   * Repeat the tensor along axes of size 1 and along new leading axes, as NumPy broadcasts.
   *
   * @throws {RangeError} this shape does not broadcast to the given one
   */
  broadcastTo(shape: Shape): this {
    return this.move(broadcastLayout(this.shape, numbersOf("broadcastTo", [shape])));
  }

  /**
   * Broadcast to sizes, as numbers or as one list; −1 keeps that of its axis.
   *
   * @throws {RangeError} this shape does not broadcast to the given one
   */
  expand(...sizes: ShapeArgs): this {
    return this.move(expandLayout(this.shape, numbersOf("expand", sizes)));
  }

  /**
   * Tile: repeat the whole tensor so often along each axis, as PyTorch does.
   *
   * @param times - a count for each axis, as numbers or as one list; more counts than axes add leading axes
   *
   * @example
   * new FloatTensor([1, 2]).repeat(2, 2) // [[1, 2, 1, 2], [1, 2, 1, 2]]
   */
  repeat(...times: ShapeArgs): this {
    return this.move(repeatLayout(this.shape, numbersOf("repeat", times)));
  }

  /** Transpose: swap the last two axes. */
  t(): this {
    return this.move(transposeLayout(this.shape, -2, -1, "t"));
  }

  /** Swap two axes. Default: the last two. */
  transpose(first = -2, second = -1): this {
    return this.move(transposeLayout(this.shape, first, second));
  }

  /**
   * Reorder the axes: axis i of the result is axis `order[i]` of this tensor.
   *
   * @param order - every axis once, as numbers or as one list
   *
   * @example
   * FloatTensor.zeros(2, 3, 4).permute(2, 0, 1) // of size 4x2x3
   */
  permute(...order: ShapeArgs): this {
    return this.move(permuteLayout(this.shape, numbersOf("permute", order)));
  }

  /**
   * Take what stands at positions along the first axes: a row for one position, an element for one in each axis. The
   * result is always a tensor. Negative positions count from the end.
   *
   * @throws {RangeError} a position is out of range
   */
  at(...positions: number[]): this {
    return this.move(atLayout(this.shape, positions));
  }

  /**
   * Take a part of the tensor. For each of its first axes, say what to take:
   * - a position, which drops the axis,
   * - `null` for the whole axis, or
   * - `[start, end, step]`, from `start` up to but not including `end`; null or nothing means from or to the end.
   *
   * Negative positions count from the end, and a negative step goes backwards: Python's `x[0:2, 1, ::-1]` is
   * `x.slice([0, 2], 1, [null, null, -1])`. For positions only, use `at`.
   *
   * @throws {RangeError} a position is outside its axis, there are more ranges than axes, or a step is 0
   * @throws {TypeError} there are only positions: in JavaScript `slice(0, 10)` means a range
   */
  slice(...ranges: SliceRange[]): this {
    return this.move(sliceLayout(this.shape, ranges));
  }

  /**
   * Take positions along an axis, in any order and as often as they are listed.
   *
   * @param index - a list of positions; negative ones count from the end
   * @throws {RangeError} a position is out of range
   *
   * @example
   * table.indexSelect(1, [0, 3]) // the first and the fourth column
   */
  indexSelect(axis: number, index: IndexInput): this {
    return this.move(indexSelectLayout(this.shape, axis, index));
  }

  /**
   * Take, for each element of an index, the element at that position along the axis and at the index's own place along
   * all others, as PyTorch does.
   *
   * @param index - positions, in as many axes as this tensor has, and at most as long along the other axes
   * @throws {RangeError} a position is out of range, or the index has another number of axes
   *
   * @example
   * scores.gather(1, [[2], [0]]) // [[scores[0][2]], [scores[1][0]]]
   */
  gather(axis: number, index: IndexInput): this {
    return this.move(gatherLayout(this.shape, axis, index));
  }

  /**
   * Cut an axis into pieces.
   *
   * @param sizes - one size for all pieces, of which the last may be smaller; or the size of each piece
   * @param axis - Default: the first
   * @throws {RangeError} the sizes do not add up to that of the axis
   *
   * @example
   * const [train, test] = rows.split([800, 200]);
   */
  split(sizes: number | readonly number[], axis = 0): this[] {
    return splitLayouts(this.shape, sizes, axis).map((layout) => this.move(layout));
  }

  /**
   * Cut an axis into so many pieces of one size; the last may be smaller, and there may be fewer.
   *
   * @param axis - Default: the first
   */
  chunk(count: number, axis = 0): this[] {
    return chunkLayouts(this.shape, count, axis).map((layout) => this.move(layout));
  }

  /** Take apart along an axis, which is dropped. Default: the first. */
  unbind(axis = 0): this[] {
    return unbindLayouts(this.shape, axis).map((layout) => this.move(layout));
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
    const layout = padLayout(this.shape, widths);
    const padded = this.move(layout);
    return value === 0 ? padded : padded.mask(insideOf(layout), value);
  }

  /** Reverse the order along axes. Default: all. */
  flip(axes?: Axes): this {
    return this.move(flipLayout(this.shape, axes));
  }

  /**
   * Shift elements along axes, those that fall off at one end to the other.
   *
   * @param shift - by how many places; several for several axes
   * @param axes - Default: all elements in order, as if there were one axis
   *
   * @example
   * FloatTensor.arange(4).roll(1) // [3, 0, 1, 2]
   */
  roll(shift: number | readonly number[], axes?: number | readonly number[]): this {
    return this.move(rollLayout(this.shape, shift, axes));
  }

  /**
   * The diagonal of a matrix as a vector; or, of a vector, a matrix of zeros with it as its diagonal.
   *
   * @param offset - how far above the main diagonal, or below it if negative. Default: 0
   * @throws {RangeError} this is neither a vector nor a matrix
   */
  diag(offset = 0): this {
    return this.move(diagLayout(this.shape, offset));
  }

  /** Keep the elements on and below a diagonal of each matrix; the others become 0. @see {@link diag} for `offset` */
  tril(offset = 0): this {
    return this.mask(triangleMask("tril", this.shape, offset));
  }

  /** Keep the elements on and above a diagonal of each matrix; the others become 0. @see {@link diag} for `offset` */
  triu(offset = 0): this {
    return this.mask(triangleMask("triu", this.shape, offset));
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

/** Ones where a layout puts elements, zeros elsewhere. */
function insideOf(layout: Layout): PlainMask {
  const ones = new Float64Array(sizeOf(layout.source)).fill(1);
  return { shape: layout.shape, values: moveElements(doubles, ones, layout) };
}
