/** Elements at secret positions: products with one-hot rows, so that nobody learns which were taken. */
import { rearrange, rearrangePublic, transpose } from "../primitives/layout";
import { sumAxes } from "../primitives/reduce";
import type { SharedTensor, Term } from "../primitives/shared-tensor";
import { compose, type Layout, readLayout, sameElements, transposeOf } from "../tensor/layout";
import { planReduction } from "../tensor/reduction";
import { resolveAxis, rowMajorStrides, type Shape, sizeOf } from "../tensor/shape";
import { permuteLayout } from "../tensor/views";
import * as term from "./term";

/**
 * Take positions along an axis.
 *
 * @param hot - a one-hot row for each position
 */
export function selectBy(x: Term, hot: SharedTensor, axis: number): SharedTensor {
  const along = resolveAxis("indexSelect", axis, x.shape);
  const product = term.matmul(hot, move(x, axisFirst(x.shape, along)));
  const shape = x.shape.map((extent, i) => (i === along ? hot.shape[0]! : extent));
  return rearrange("indexSelect", product, transposeOf(axisFirst(shape, along)));
}

/** The gradient of `selectBy`, in the shape of its operand. */
export function selectedBack(g: SharedTensor, hot: SharedTensor, axis: number, shape: Shape): SharedTensor {
  const along = resolveAxis("indexSelect", axis, shape);
  const product = term.matmul(transpose(hot), move(g, axisFirst(g.shape, along)));
  return rearrange("indexSelect", product, transposeOf(axisFirst(shape, along)));
}

/**
 * Take, for each place, the element at its position along the axis and at its own place along all others.
 *
 * @param hot - for each place a one-hot row
 */
export function gatherBy(x: Term, hot: SharedTensor, axis: number): SharedTensor {
  const products = term.mul(hot, move(x, candidates(x.shape, hot.shape, axis)));
  return sumAxes(products, planReduction("sum", products.shape, -1));
}

/**
 * Add the elements of a source to zeros, each at its position along the axis and at its own place along all others: the
 * transpose of `gatherBy`.
 *
 * @param hot - for each element that is added, a one-hot row
 * @param shape - that of the result
 */
export function scatterBy(source: Term, hot: SharedTensor, axis: number, shape: Shape): SharedTensor {
  const used = hot.shape.slice(0, -1);
  const elements = move(source, compose(under(source.shape, used), sameElements(used, [...used, 1])));
  const products = term.mul(hot, elements);
  return rearrange("scatterAdd", products, transposeOf(candidates(shape, hot.shape, axis)));
}

/** The part of a tensor that lies under a smaller one. */
export function under(source: Shape, shape: Shape): Layout {
  return readLayout(source, { extents: shape, strides: rowMajorStrides(source), offset: 0 });
}

/** For each place and each position along the axis, the element there. */
function candidates(source: Shape, hot: Shape, axis: number): Layout {
  const along = resolveAxis("gather", axis, source);
  const strides = rowMajorStrides(source);
  const others = strides.map((stride, i) => (i === along ? 0 : stride));
  return readLayout(source, { extents: hot, strides: [...others, strides[along]!], offset: 0 });
}

/** A matrix with a row for each position along an axis. */
function axisFirst(shape: Shape, axis: number): Layout {
  const rest = shape.map((_, i) => i).filter((i) => i !== axis);
  const permuted = permuteLayout(shape, [axis, ...rest]);
  return compose(permuted, sameElements(permuted.shape, [shape[axis]!, sizeOf(rest.map((i) => shape[i]!))]));
}

function move(x: Term, layout: Layout): Term {
  return term.isSecret(x) ? rearrange("arrange", x, layout, true) : rearrangePublic(x, layout);
}
