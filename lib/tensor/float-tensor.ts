import { inspect } from "node:util";
import { caption, formatHtml, formatNumbers, formatText, jupyterDisplay, type MimeBundle } from "./display";
import { flatten, nest, type TensorInput } from "./input";
import {
  broadcastIndices,
  broadcastShapes,
  checkShape,
  matmulShape,
  type Shape,
  sizeOf,
  transposedShape,
  transposeIndices,
} from "./shape";

/**
 * A tensor of plain double-precision numbers: what a party encodes before sharing, and what it gets back after
 * revealing. Nothing about it is secret to whoever holds it.
 *
 * @example
 * new FloatTensor([[3, 3]]).matmul(new FloatTensor([[2], [2]])) // [[12]]
 */
export class FloatTensor {
  /** Sizes along each axis. */
  readonly shape: Shape;
  /** The elements, row after row. Not copied: change nothing in it. */
  readonly values: Float64Array;

  /**
   * @param data - a number, nested arrays, a typed array, a mathjs matrix, or another tensor
   * @throws {TypeError} an element is no number
   * @throws {RangeError} rows of different lengths
   */
  constructor(data: TensorInput | FloatTensor) {
    if (data instanceof FloatTensor) {
      this.shape = data.shape;
      this.values = data.values;
    } else {
      const { shape, elements } = flatten(data);
      this.shape = shape;
      this.values = Float64Array.from(elements, Number);
    }
  }

  /** A tensor of zeros, `FloatTensor.zeros(2, 1)`. */
  static zeros(...shape: number[]): FloatTensor {
    return FloatTensor.from(new Float64Array(sizeOf(checkShape(shape))), shape);
  }

  /**
   * A tensor over elements that lie row after row; they are not copied.
   *
   * @throws {RangeError} the number of elements is not that of the shape
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

  /** The sizes along all axes, or along one. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[axis]!;
  }

  /** Element by element, with NumPy's broadcasting. */
  add(other: TensorInput | FloatTensor): FloatTensor {
    return zip(this, other, (a, b) => a + b);
  }

  sub(other: TensorInput | FloatTensor): FloatTensor {
    return zip(this, other, (a, b) => a - b);
  }

  /** Element by element, with NumPy's broadcasting. */
  mul(other: TensorInput | FloatTensor): FloatTensor {
    return zip(this, other, (a, b) => a * b);
  }

  neg(): FloatTensor {
    return FloatTensor.from(
      this.values.map((a) => -a),
      this.shape,
    );
  }

  /**
   * The matrix product.
   *
   * @throws {RangeError} the inner sizes differ
   */
  matmul(other: TensorInput | FloatTensor): FloatTensor {
    const right = new FloatTensor(other);
    const [m, k, n] = matmulShape(this.shape, right.shape);
    const product = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let l = 0; l < k; l++) {
        const a = this.values[i * k + l]!;
        for (let j = 0; j < n; j++) product[i * n + j]! += a * right.values[l * n + j]!;
      }
    }
    return FloatTensor.from(product, [m, n]);
  }

  /** The transpose of a matrix. */
  t(): FloatTensor {
    const shape = transposedShape(this.shape);
    return FloatTensor.from(gather(this.values, transposeIndices(this.shape)), shape);
  }

  /** Nested arrays of numbers; a bare number for a scalar. */
  toArray(): unknown {
    return nest(this.values, this.shape);
  }

  /**
   * The only element.
   *
   * @throws {RangeError} there are more, or none
   */
  item(): number {
    if (this.values.length !== 1) throw new RangeError(`a tensor of shape [${this.shape}] is not one number`);
    return this.values[0]!;
  }

  toString(): string {
    return formatText(printable(this));
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    return { "text/plain": this.toString(), "text/html": formatHtml(printable(this)) };
  }
}

function printable({ shape, values }: FloatTensor) {
  return { shape, element: formatNumbers(values), caption: caption("FloatTensor", shape) };
}

function zip(
  left: FloatTensor,
  other: TensorInput | FloatTensor,
  f: (a: number, b: number) => number,
): FloatTensor {
  const right = new FloatTensor(other);
  const shape = broadcastShapes(left.shape, right.shape);
  const a = gather(left.values, broadcastIndices(left.shape, shape));
  const b = gather(right.values, broadcastIndices(right.shape, shape));
  return FloatTensor.from(
    a.map((value, i) => f(value, b[i]!)),
    shape,
  );
}

function gather(values: Float64Array, indices: Int32Array): Float64Array {
  return Float64Array.from(indices, (index) => values[index]!);
}
