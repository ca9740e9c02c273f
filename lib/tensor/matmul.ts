import { bracketShape, broadcastIndices, broadcastShapes, checkShape, type Shape, sizeOf } from "./shape";

/** A matrix product, or one for each index of the axes before the last two. */
export interface MatmulPlan {
  /** The shape of the result. */
  readonly shape: Shape;
  /** Each product is m×k · k×n. */
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** For each product, which of the matrices that lie one after another in the left operand it takes. */
  readonly left: Int32Array;
  /** The same for the right operand. */
  readonly right: Int32Array;
}

/**
 * The matrix products that two shapes ask for, by NumPy's rule: the axes before the last two broadcast, and a vector
 * is a row on the left, a column on the right, and that axis is dropped from the result.
 *
 * @throws {RangeError} a scalar, inner sizes that differ, or axes that do not broadcast; the message gives both shapes
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
 * The same product as one of (batch·m)×k by k×n, where there is one right matrix for all; otherwise undefined. One
 * large product is faster than many small ones.
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
