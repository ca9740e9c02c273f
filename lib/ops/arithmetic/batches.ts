/**
 * Products of matrices in batches, by NumPy's rules, with a secret or a public operand on either side. Where one matrix
 * serves the whole batch, all is one product; otherwise the products of the batch run at the same time.
 */
import { join, rearrange, rearrangePublic } from "../../primitives/layout";
import { sumTo } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { compose, type Layout, sameElements } from "../../tensor/layout";
import { foldMatmul, type MatmulPlan, planMatmul } from "../../tensor/matmul";
import { joinAsNew } from "../../tensor/parts";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape";
import { atLayout, rangeLayout } from "../../tensor/slices";
import { permuteLayout, transposeLayout } from "../../tensor/views";
import type { Term } from "../term";
import * as term from "../term";

/**
 * Multiply matrices, vectors, or batches of matrices.
 *
 * @throws {RangeError} an operand is a scalar, inner sizes differ, or the batches cannot be broadcast
 */
export function multiplyMatrices(x: Term, y: Term): SharedTensor {
  if (x.shape.length === 2 && y.shape.length === 2) return term.matmul(x, y);
  const plan = planMatmul(x.shape, y.shape);
  const { m, k, n, left, right, shape } = plan;
  const batch = left.length;
  if (isOneRight(plan, x, y))
    return reshape(term.matmul(reshape(x, [batch * m, k]), reshape(y, [k, n])), shape);
  if (isOneLeft(plan, x, y)) {
    const product = term.matmul(reshape(x, [m, k]), sideBySide(y, [batch, k, n]));
    return arrange(product, apart([batch, m, n], shape));
  }
  const each = matrices(x, [m, k]);
  const others = matrices(y, [k, n]);
  const products = Array.from(left, (l, i) => term.matmul(each(l), others(right[i]!)));
  if (products.length === 0) return reshape(term.matmul(none(x, [0, k]), none(y, [k, 0])), shape);
  const joined = join(
    "matmul",
    products,
    joinAsNew(
      products.map((product) => product.shape),
      0,
    ),
  );
  return reshape(joined, shape);
}

/** The gradients of both operands, to compute where they are wanted. */
export function gradientsOf(g: SharedTensor, x: Term, y: Term): [() => SharedTensor, () => SharedTensor] {
  const plan = planMatmul(x.shape, y.shape);
  const { m, k, n } = plan;
  const batch = plan.left.length;
  if (isOneRight(plan, x, y)) {
    const rows = () => reshape(g, [batch * m, n]);
    return [
      () => reshape(term.matmul(rows(), term.transpose(reshape(y, [k, n]))), x.shape),
      () => reshape(term.matmul(term.transpose(reshape(x, [batch * m, k])), rows()), y.shape),
    ];
  }
  if (isOneLeft(plan, x, y)) {
    const columns = () => sideBySide(g, [batch, m, n]);
    return [
      () => reshape(term.matmul(columns(), term.transpose(sideBySide(y, [batch, k, n]))), x.shape),
      () => {
        const product = term.matmul(term.transpose(reshape(x, [m, k])), columns());
        return arrange(product, apart([batch, k, n], y.shape));
      },
    ];
  }
  const [left, right] = [asMatrices(x, [m, k]), asMatrices(y, [k, n])];
  const upstream = reshape(g, [...plan.shape.slice(0, plan.shape.length - axesOf(x, y)), m, n]);
  return [
    () => reshape(sumTo(multiplyMatrices(upstream, transposed(right)), left.shape), x.shape),
    () => reshape(sumTo(multiplyMatrices(transposed(left), upstream), right.shape), y.shape),
  ];
}

/** How many axes of a product come from the matrices themselves. */
function axesOf(x: Term, y: Term): number {
  return Number(x.shape.length > 1) + Number(y.shape.length > 1);
}

function isOneRight(plan: MatmulPlan, x: Term, y: Term): boolean {
  return foldMatmul(plan, x.shape, y.shape) !== undefined;
}

function isOneLeft({ left, m, k, n }: MatmulPlan, x: Term, y: Term): boolean {
  return sizeOf(x.shape) === m * k && sizeOf(y.shape) === left.length * k * n;
}

/** Move the elements of a secret or a public tensor; the same handle if they stay, so that a matrix keeps its mask. */
function arrange<T extends Term>(x: T, layout: Layout): T {
  if (layout.steps.length === 0 && sameShape(x.shape, layout.shape)) return x;
  return (term.isSecret(x) ? rearrange("arrange", x, layout, true) : rearrangePublic(x, layout)) as T;
}

function reshape<T extends Term>(x: T, shape: Shape): T {
  return arrange(x, sameElements(x.shape, shape));
}

/** No element of a tensor, in a shape that holds none. */
function none(x: Term, shape: Shape): Term {
  const all = sameElements(x.shape, [sizeOf(x.shape)]);
  return arrange(x, compose(all, rangeLayout(all.shape, 0, 0, 0), sameElements([0], shape)));
}

function transposed(x: Term): Term {
  return arrange(x, transposeLayout(x.shape));
}

/** A vector as a matrix. */
function asMatrices(x: Term, matrix: Shape): Term {
  return x.shape.length > 1 ? x : reshape(x, matrix);
}

/** A batch of matrices beside one another: b×r×c becomes r×(b·c). */
function sideBySide<T extends Term>(x: T, [b, r, c]: readonly [number, number, number]): T {
  const batch = sameElements(x.shape, [b, r, c]);
  return arrange(x, compose(batch, permuteLayout([b, r, c], [1, 0, 2]), sameElements([r, b, c], [r, b * c])));
}

/** The reverse: r×(b·c) becomes b×r×c, in a shape of as many elements. */
function apart([b, r, c]: readonly [number, number, number], shape: Shape): Layout {
  const inner = sameElements([r, b * c], [r, b, c]);
  return compose(inner, permuteLayout([r, b, c], [1, 0, 2]), sameElements([b, r, c], shape));
}

/** The matrices of a batch by number, each one handle. */
function matrices(x: Term, [rows, columns]: readonly [number, number]): (index: number) => Term {
  const batch = reshape(x, [sizeOf(x.shape.slice(0, -2)), rows, columns]);
  const taken = new Map<number, Term>();
  return (index) => {
    const matrix = taken.get(index) ?? arrange(batch, atLayout(batch.shape, [index]));
    taken.set(index, matrix);
    return matrix;
  };
}
