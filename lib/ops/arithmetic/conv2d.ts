import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sameElements } from "../../tensor/layout";
import { bracketShape, type Shape } from "../../tensor/shape";
import { defineOp } from "../define";
import { ramp } from "../ramp";
import type { Term } from "../term";
import {
  addBias,
  type ConvolutionOptions,
  convolve,
  convolvePlain,
  gradientOfBias,
  gradientOfImages,
  gradientOfWeights,
  move,
  planConvolution,
} from "./convolution";

/** Options of a convolution. */
export interface ConvOptions extends ConvolutionOptions {
  /** A number to add for each filter. */
  readonly bias?: FloatTensor;
}

/**
 * Slide filters over images and add up the products, as neural networks convolve: one product of matrices for each
 * group.
 *
 * Keep every element of the result below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits; larger ones wrap
 * around unnoticed.
 *
 * @param weight - secret or public filters, [filters, channels / groups, rows, columns]
 * @param options - `bias`: a secret or public number for each filter. Default: none;
 *   `stride`: steps from a window to the next, one number or two. Default: 1;
 *   `padding`: zeros around each image, one number or two. Default: 0;
 *   `dilation`: the distance between elements of a window, one number or two. Default: 1;
 *   `groups`: cut channels and filters into so many groups. Default: 1
 * @returns [batch, filters, rows, columns], without the batch for one image, at the session's precision, within one unit in
 *   the last place
 * @throws {RangeError} the shapes do not fit each other
 *
 * @example
 * images.conv2d(filters, { padding: 2 })
 */
export const conv2d = defineOp({
  parameters: {
    x: "factor",
    weight: "factor",
    options: {
      bias: "operand",
      stride: "argument",
      padding: "argument",
      dilation: "argument",
      groups: "argument",
    },
  },
  check: (x, weight, options) =>
    void planOf(x.shape, weight.shape, options as ConvolutionOptions, biasShape(options)),
  forward: (x, weight, options) => {
    const plan = planOf(x.shape, weight.shape, options as ConvolutionOptions);
    const product = convolve(asBatch(x), weight, plan);
    const bias = options?.bias as Term | undefined;
    return like(x.shape, bias ? addBias(product, bias) : product);
  },
  gradient: (g, _made, x, weight, options) => {
    const plan = planOf(x.shape, weight.shape, options as ConvolutionOptions);
    const batch = asBatch(x);
    const upstream = move(g, sameElements(g.shape, plan.result));
    return [
      () => move(gradientOfImages(upstream, weight, plan), sameElements(batch.shape, x.shape)),
      () => gradientOfWeights(upstream, batch, plan),
      () => gradientOfBias(upstream),
    ];
  },
  plain: (x: FloatTensor, weight: FloatTensor, options?: ConvOptions): FloatTensor =>
    plainConv(x, weight, options),
  bound: 1,
  domain: [-256, 256],
  shapes: () => [
    [2, 2, 4, 3],
    [3, 2, 2, 2],
  ],
  examples: [
    [ramp([1, 2, 4, 4]), ramp([3, 2, 2, 2])],
    [ramp([1, 2, 4, 4]), ramp([3, 2, 2, 2]), { stride: 2, padding: 1 }],
  ],
});

function planOf(images: Shape, weights: Shape, options: ConvolutionOptions | undefined, bias?: Shape) {
  if ((images.length !== 3 && images.length !== 4) || weights.length !== 4) {
    throw new RangeError(
      "conv2d takes images of shape [batch, channels, rows, columns] or [channels, rows, columns] and weights of shape " +
        `[filters, channels, rows, columns], got ${bracketShape(images)} and ${bracketShape(weights)}`,
    );
  }
  if (bias && (bias.length !== 1 || bias[0] !== weights[0])) {
    throw new RangeError(
      `conv2d: the bias must have shape [${weights[0]}], one number for each filter, got ${bracketShape(bias)}`,
    );
  }
  const { stride, padding, dilation, groups } = options ?? {};
  const given = Object.entries({ stride, padding, dilation, groups }).filter(
    ([, value]) => value !== undefined,
  );
  return planConvolution("conv2d", withBatch(images), weights, Object.fromEntries(given));
}

function biasShape(options: unknown): Shape | undefined {
  return (options as { bias?: { shape: Shape } } | undefined)?.bias?.shape;
}

function withBatch(shape: Shape): Shape {
  return shape.length === 3 ? [1, ...shape] : shape;
}

function asBatch(x: Term): Term {
  return move(x, sameElements(x.shape, withBatch(x.shape)));
}

/** Without the axis of the batch, where the images had none. */
function like(images: Shape, result: SharedTensor): SharedTensor {
  return images.length === 4 ? result : move(result, sameElements(result.shape, result.shape.slice(1)));
}

function plainConv(x: FloatTensor, weight: FloatTensor, { bias, ...options }: ConvOptions = {}): FloatTensor {
  const plan = planOf(x.shape, weight.shape, options, bias?.shape);
  const result = convolvePlain(x.reshape(withBatch(x.shape)), weight, plan);
  const biased = bias ? result.add(bias.reshape(-1, 1, 1)) : result;
  return x.shape.length === 4 ? biased : biased.reshape(biased.shape.slice(1));
}
