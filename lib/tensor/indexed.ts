/** Layouts by public indices. */
import { inspect } from "node:util";
import { resolvePosition } from "./arguments";
import {
  type ArrayLikeMatrix,
  flatten,
  indexText,
  type NestedArray,
  type NumericArray,
  toScalar,
} from "./input";
import type { Layout } from "./layout";
import { compose, readLayout, transposeOf } from "./layout";
import { bracketShape, checkShape, resolveAxis, rowMajorStrides, type Shape, sizeOf } from "./shape";

/** Public positions, or a public condition: numbers, nested arrays, a typed array, or a plain tensor of integers. */
export type IndexInput = number | NestedArray | NumericArray | ArrayLikeMatrix;

/** The same, read. */
interface Indices {
  readonly shape: Shape;
  readonly elements: ArrayLike<number | bigint>;
}

/** A plain tensor, as far as indices are concerned. */
interface IndexTensor {
  readonly shape: Shape;
  readonly isShare?: boolean;
  readonly fracBits?: number;
  toTypedArray(): ArrayLike<number | bigint>;
}

/**
 * Read public positions, or a public condition.
 *
 * @param what - `index`, for errors
 * @throws {TypeError} it is a share or a fixed-point tensor, or an element is not a number
 */
function readIndices(operation: string, what: string, input: IndexInput): Indices {
  if (typeof input !== "object" || input === null || !("toTypedArray" in input)) {
    return flatten(input, (value, _list, where) => {
      try {
        return toScalar(value);
      } catch {
        const shown = inspect(value, { depth: 0 });
        throw new TypeError(`${operation}: ${what} must hold public numbers, got ${shown}${where()}`);
      }
    });
  }
  const tensor = input as unknown as IndexTensor;
  if (tensor.isShare)
    throw new TypeError(`${operation}: ${what} must be public, and this tensor is a share of a secret`);
  if ((tensor.fracBits ?? 0) > 0)
    throw new TypeError(`${operation}: ${what} must be integers, and this tensor is fixed point`);
  return { shape: tensor.shape, elements: tensor.toTypedArray() };
}

/**
 * Take positions along an axis.
 *
 * @throws {RangeError} the index is not a list, or a position is out of range
 */
export function indexSelectLayout(source: Shape, axis: number, index: IndexInput): Layout {
  const { shape: listed, elements } = readIndices("indexSelect", "index", index);
  const along = requireIndexList(source, axis, listed);
  const positions = positionsOf("indexSelect", { shape: listed, elements }, along, source);
  const shape = checkShape(source.map((extent, i) => (i === along ? positions.length : extent)));
  const inner = sizeOf(source.slice(along + 1));
  const outer = sizeOf(source.slice(0, along));
  const indices = new Int32Array(sizeOf(shape));
  let to = 0;
  for (let i = 0; i < outer; i++) {
    for (const position of positions) {
      const from = (i * source[along]! + position) * inner;
      for (let k = 0; k < inner; k++) indices[to++] = from + k;
    }
  }
  return { shape, source, steps: [{ kind: "gather", indices, source: sizeOf(source) }] };
}

/**
 * Return the axis along which a list of positions selects, counted from the first.
 *
 * @throws {RangeError} the axis does not exist, or the index is not a list
 */
export function requireIndexList(source: Shape, axis: number, index: Shape): number {
  const along = resolveAxis("indexSelect", axis, source);
  if (index.length === 1) return along;
  throw new RangeError(
    `indexSelect: index must be a list of positions, got shape ${bracketShape(index)}; for one position use at or slice`,
  );
}

/**
 * Return the axis along which an index gathers, counted from the first.
 *
 * @throws {RangeError} the axis does not exist, the index has other axes, or it is larger along another one
 */
export function requireIndexShape(
  operation: "gather" | "scatterAdd",
  source: Shape,
  axis: number,
  index: Shape,
): number {
  const along = resolveAxis(operation, axis, source);
  if (index.length === source.length && index.every((extent, i) => i === along || extent <= source[i]!))
    return along;
  throw new RangeError(
    `${operation}: index of shape ${bracketShape(index)} must have ${source.length} axes, and be at most as long as ` +
      `shape ${bracketShape(source)} but for axis ${along}`,
  );
}

/** @throws {RangeError} as for `gather`; or the index is larger than the operand that is added */
export function requireScatterShapes(target: Shape, axis: number, index: Shape, added: Shape): void {
  requireIndexShape("scatterAdd", target, axis, index);
  if (index.length === added.length && index.every((extent, i) => extent <= added[i]!)) return;
  throw new RangeError(
    `scatterAdd: index of shape ${bracketShape(index)} must not be larger than the source, of shape ${bracketShape(added)}`,
  );
}

/**
 * For each element of the index, the element of the source at that position along the axis and at the index's own place
 * along all others.
 *
 * @throws {RangeError} the index has other axes, is larger along another one, or a position is out of range
 */
export function gatherLayout(
  source: Shape,
  axis: number,
  index: IndexInput,
  operation: "gather" | "scatterAdd" = "gather",
): Layout {
  const read = readIndices(operation, "index", index);
  const { shape } = read;
  const along = requireIndexShape(operation, source, axis, shape);
  const positions = positionsOf(operation, read, along, source);
  const strides = rowMajorStrides(source);
  const indices = new Int32Array(positions.length);
  const place = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < indices.length; i++) {
    let at = positions[i]! * strides[along]!;
    for (let a = 0; a < place.length; a++) if (a !== along) at += place[a]! * strides[a]!;
    indices[i] = at;
    for (let a = place.length - 1; a >= 0 && ++place[a]! === shape[a]; a--) place[a] = 0;
  }
  return { shape: checkShape(shape), source, steps: [{ kind: "gather", indices, source: sizeOf(source) }] };
}

/**
 * Where the elements of `added` go in a tensor of shape `target`: the transpose of `gather`. Of an operand that is larger
 * than the index, only what lies under the index is taken.
 *
 * @throws {RangeError} as for `gather`; or the index is larger than the operand
 */
export function scatterLayout(target: Shape, axis: number, index: IndexInput, added: Shape): Layout {
  const taken = gatherLayout(target, axis, index, "scatterAdd");
  const { shape } = taken;
  requireScatterShapes(target, axis, shape, added);
  const under = readLayout(added, { extents: shape, strides: rowMajorStrides(added), offset: 0 });
  return compose(under, transposeOf(taken));
}

function positionsOf(
  operation: string,
  { shape, elements }: Indices,
  axis: number,
  source: Shape,
): Int32Array {
  const positions = new Int32Array(elements.length);
  for (let i = 0; i < positions.length; i++) {
    const element = Number(elements[i]!);
    positions[i] = resolvePosition(operation, element, axis, source, () => indexText(i, shape));
  }
  return positions;
}

/**
 * Read a public condition as zeros and ones.
 *
 * @throws {TypeError} it is a share or a fixed-point tensor, or an element is not a number
 * @throws {RangeError} an element is neither 0 nor 1
 */
export function readCondition(
  input: IndexInput,
  operation = "where",
): { readonly shape: Shape; readonly values: Float64Array } {
  const { shape, elements } = readIndices(operation, "the condition", input);
  const values = Float64Array.from(elements, Number);
  const wrong = values.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0) {
    throw new RangeError(
      `${operation}: the condition must hold only 0 and 1, got ${elements[wrong]}${indexText(wrong, shape)}; compare first, ` +
        "such as x.gt(0)",
    );
  }
  return { shape, values };
}
