import { bracketShape, broadcastIndices, broadcastShapes, checkShape, type Shape, sizeOf } from "./shape";

/** A matrix product, or one for each index of the axes before the last two. */
export interface MatmulPlan {
  /** The shape of the result. */
  readonly shape: Shape;
  /** Each product is m×k · k×n. */
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** For each product, the index of its matrix in the left operand. */
  readonly left: Int32Array;
  /** For each product, the index of its matrix in the right operand. */
  readonly right: Int32Array;
}

/**
 * Plan the matrix products of two shapes by NumPy's rule: axes before the last two broadcast; a vector counts as a row
 * on the left and as a column on the right, and that axis is dropped from the result.
 *
 * @throws {RangeError} an operand is a scalar, inner sizes differ, or axes do not broadcast; it names both shapes
 */
export function planMatmul(a: Shape, b: Shape): MatmulPlan {
  const x = a.length === 1 ? [1, ...a] : a;
  const y = b.length === 1 ? [...b, 1] : b;
  const [m, k] = x.slice(-2);
  const [inner, n] = y.slice(-2);
  if (m === undefined || k === undefined || inner !== k || n === undefined) throw noProduct(a, b);
  const [leading, following] = [x.slice(0, -2), y.slice(0, -2)];
  const batch = broadcastBatch(leading, following, a, b);
  const shape = [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
  return {
    shape: checkShape(shape),
    m,
    k,
    n,
    left: broadcastIndices(leading, batch),
    right: broadcastIndices(following, batch),
  };
}

/**
 * Fold a batch with a single right matrix into one product of (batch·m)×k by k×n, which is faster than many small ones.
 * Return undefined if the batch has several right matrices.
 */
export function foldMatmul(plan: MatmulPlan, a: Shape, b: Shape): MatmulPlan | undefined {
  const { m, k, n } = plan;
  const batch = plan.left.length;
  if (sizeOf(b) !== k * n || sizeOf(a) !== batch * m * k) return undefined;
  return { ...plan, m: batch * m, left: Int32Array.of(0), right: Int32Array.of(0) };
}

function broadcastBatch(x: Shape, y: Shape, a: Shape, b: Shape): Shape {
  try {
    return broadcastShapes(x, y);
  } catch {
    throw noProduct(a, b);
  }
}

function noProduct(a: Shape, b: Shape): RangeError {
  return new RangeError(`shapes ${bracketShape(a)} and ${bracketShape(b)} have no matrix product`);
}
