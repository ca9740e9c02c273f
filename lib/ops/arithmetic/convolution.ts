/** Convolution as one product of matrices for each group: the windows of the images, times the weights. */
import { join, rearrange, rearrangePublic } from "../../primitives/layout";
import { sumAxes } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { compose, type Layout, moveElements, sameElements, transposeOf } from "../../tensor/layout";
import { joinAlong } from "../../tensor/parts";
import { planReduction } from "../../tensor/reduction";
import { bracketShape, type Shape, sameShape, sizeOf } from "../../tensor/shape";
import { rangeLayout } from "../../tensor/slices";
import { permuteLayout } from "../../tensor/views";
import { planWindows, type WindowOptions, type Windows } from "../../tensor/windows";
import type { Term } from "../term";
import * as term from "../term";

/** Options of a convolution but for its bias. */
export interface ConvolutionOptions extends WindowOptions {
  /** Channels are cut into so many groups, each with weights of its own. */
  readonly groups?: number;
}

/** A convolution, planned. */
export interface Convolution {
  readonly windows: Windows;
  /** The shape of the weights, [filters, channels of a group, rows, columns]. */
  readonly weights: Shape;
  readonly groups: number;
  /** The shape of the result, with the axis of the batch. */
  readonly result: Shape;
  /** The rows and columns of a group's product. */
  readonly rows: number;
  readonly inner: number;
  readonly filters: number;
}

/**
 * Plan a convolution.
 *
 * @throws {RangeError} shapes do not fit each other
 */
export function planConvolution(
  operation: string,
  images: Shape,
  weights: Shape,
  { groups = 1, ...options }: ConvolutionOptions = {},
): Convolution {
  const [batch, channels] = images as [number, number];
  const [all, ofGroup, height, width] = weights as [number, number, number, number];
  if (!Number.isInteger(groups) || groups < 1 || all % groups !== 0 || ofGroup * groups !== channels) {
    throw new RangeError(
      `${operation}: weights of shape ${bracketShape(weights)} do not fit images of shape ${bracketShape(images)} in ` +
        `${groups} groups: each needs ${ofGroup} channels, and as many filters as the others`,
    );
  }
  const windows = planWindows(operation, images, [height, width], options);
  return {
    windows,
    weights,
    groups,
    result: [batch, all, ...windows.out],
    rows: batch * windows.out[0] * windows.out[1],
    inner: ofGroup * height * width,
    filters: all / groups,
  };
}

/** Compute the convolution, without a bias. */
export function convolve(x: Term, weight: Term, plan: Convolution): SharedTensor {
  const { groups, rows, filters, result } = plan;
  const products = Array.from({ length: groups }, (_, group) =>
    term.matmul(windowsOf(x, plan, group), term.transpose(weightsOf(weight, plan, group))),
  );
  const joined =
    products.length === 1
      ? products[0]!
      : join(
          "conv",
          products,
          joinAlong(
            products.map(({ shape }) => shape),
            1,
          ),
        );
  return rearrange("conv", joined, channelsFirst(rows, groups * filters, result));
}

/** The same on plain numbers. */
export function convolvePlain(x: FloatTensor, weight: FloatTensor, plan: Convolution): FloatTensor {
  const moved = (tensor: FloatTensor, layout: Layout) =>
    FloatTensor.from(moveElements(doubles, tensor.values, layout), layout.shape);
  const products = Array.from({ length: plan.groups }, (_, group) =>
    moved(x, windowLayout(plan, group)).matmul(moved(weight, weightLayout(plan, group)).t()),
  );
  const joined = FloatTensor.concat(products, 1);
  return moved(joined, channelsFirst(plan.rows, plan.groups * plan.filters, plan.result));
}

/** The gradient of the images. */
export function gradientOfImages(g: SharedTensor, weight: Term, plan: Convolution): SharedTensor {
  const parts = Array.from({ length: plan.groups }, (_, group) => {
    const windows = term.matmul(upstreamOf(g, plan, group), weightsOf(weight, plan, group));
    return rearrange("conv", windows, transposeOf(windowLayout(plan, group)), true);
  });
  return parts.reduce((sum, part) => term.add(sum, part));
}

/** The gradient of the weights. */
export function gradientOfWeights(g: SharedTensor, x: Term, plan: Convolution): SharedTensor {
  const { filters, inner, weights } = plan;
  const parts = Array.from({ length: plan.groups }, (_, group) =>
    term.matmul(term.transpose(upstreamOf(g, plan, group)), windowsOf(x, plan, group)),
  );
  const joined =
    parts.length === 1
      ? parts[0]!
      : join(
          "conv",
          parts,
          joinAlong(
            parts.map(() => [filters, inner]),
            0,
          ),
        );
  return rearrange("conv", joined, sameElements(joined.shape, weights), true);
}

/** The gradient of a bias: the sums over all but the channels. */
export function gradientOfBias(g: SharedTensor): SharedTensor {
  return sumAxes(g, planReduction("conv", g.shape, [0, 2, 3]));
}

/** Add a bias, one number for each channel. */
export function addBias(x: SharedTensor, bias: Term): SharedTensor {
  return term.add(x, move(bias, sameElements(bias.shape, [sizeOf(bias.shape), 1, 1])));
}

/** Move the elements of a secret or a public tensor; the same handle if they stay, so that weights keep their mask. */
export function move<T extends Term>(x: T, layout: Layout): T {
  if (layout.steps.length === 0 && sameShape(x.shape, layout.shape)) return x;
  return (term.isSecret(x) ? rearrange("conv", x, layout) : rearrangePublic(x, layout)) as T;
}

function windowsOf(x: Term, plan: Convolution, group: number): Term {
  return move(x, windowLayout(plan, group));
}

function windowLayout({ windows, weights, rows, inner }: Convolution, group: number): Layout {
  const ofGroup = weights[1]!;
  return windows.layout(group * ofGroup, ofGroup, [rows, inner]);
}

function weightsOf(weight: Term, plan: Convolution, group: number): Term {
  return move(weight, weightLayout(plan, group));
}

function weightLayout({ weights, filters, inner }: Convolution, group: number): Layout {
  const own = rangeLayout(weights, 0, group * filters, (group + 1) * filters);
  return compose(own, sameElements(own.shape, [filters, inner]));
}

/** The upstream gradient of a group as a matrix, a row for each window. */
function upstreamOf(
  g: SharedTensor,
  { rows, filters, groups, result }: Convolution,
  group: number,
): SharedTensor {
  const last = transposeOf(channelsFirst(rows, groups * filters, result));
  return move(g, compose(last, rangeLayout(last.shape, 1, group * filters, (group + 1) * filters)));
}

/** From a row for each window, and a column for each channel, to images of channels. */
function channelsFirst(rows: number, channels: number, result: Shape): Layout {
  const [batch, , height, width] = result as [number, number, number, number];
  const apart = sameElements([rows, channels], [batch, height, width, channels]);
  return compose(apart, permuteLayout(apart.shape, [0, 3, 1, 2]));
}
