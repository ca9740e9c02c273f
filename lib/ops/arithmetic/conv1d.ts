import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sameElements } from "../../tensor/layout";
import { bracketShape, type Shape } from "../../tensor/shape";
import { defineOp } from "../define";
import { ramp } from "../ramp";
import type { Term } from "../term";
import { type ConvOptions, conv2d } from "./conv2d";
import { move } from "./convolution";

/** Options of a convolution along one axis. */
export interface Conv1dOptions extends Omit<ConvOptions, "stride" | "padding" | "dilation"> {
  /** Steps from a window to the next. Default: 1. */
  readonly stride?: number;
  /** Zeros at both ends. Default: 0. */
  readonly padding?: number;
  /** The distance between elements of a window. Default: 1. */
  readonly dilation?: number;
}

/**
 * Slide filters along sequences and add up the products, as neural networks convolve.
 *
 * Keep every element of the result below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits; larger ones wrap
 * around unnoticed.
 *
 * @param weight - secret or public filters, [filters, channels / groups, length]
 * @param options - `bias`: a secret or public number for each filter. Default: none;
 *   `stride`: steps from a window to the next. Default: 1;
 *   `padding`: zeros at both ends. Default: 0;
 *   `dilation`: the distance between elements of a window. Default: 1;
 *   `groups`: cut channels and filters into so many groups. Default: 1
 * @returns [batch, filters, length], without the batch for one sequence, at the session's precision, within one unit in the
 *   last place
 * @throws {RangeError} the shapes do not fit each other
 *
 * @example
 * signals.conv1d(filters, { padding: 1 })
 */
export const conv1d = defineOp({
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
  check: (x, weight, options) => {
    if ((x.shape.length !== 2 && x.shape.length !== 3) || weight.shape.length !== 3) {
      throw new RangeError(
        "conv1d takes sequences of shape [batch, channels, length] or [channels, length] and weights of shape [filters, " +
          `channels, length], got ${bracketShape(x.shape)} and ${bracketShape(weight.shape)}`,
      );
    }
    definition.check({ shape: raised(x.shape) }, { shape: raised(weight.shape) }, flatOptions(options));
  },
  forward: (x, weight, options): SharedTensor =>
    lower(definition.forward(lift(x), lift(weight), flatOptions(options))),
  gradient: (g, made, x, weight, options) =>
    definition
      .gradient(lift(g), made, lift(x), lift(weight), flatOptions(options))
      .map((gradient, i) => (i === 2 ? gradient : () => lower(gradient()))),
  plain: (x: FloatTensor, weight: FloatTensor, options?: Conv1dOptions): FloatTensor => {
    const result = definition.plain(plainly(x), plainly(weight), flatOptions(options));
    return result.reshape(lowered(result.shape));
  },
  bound: 1,
  domain: [-256, 256],
  shapes: () => [
    [2, 2, 6],
    [3, 2, 2],
  ],
  examples: [
    [ramp([1, 2, 6]), ramp([3, 2, 2])],
    [ramp([2, 6]), ramp([3, 2, 2]), { stride: 2, padding: 1 }],
  ],
});

/** A convolution of images of one row. */
const definition = conv2d.definition as unknown as {
  check(x: { shape: Shape }, weight: { shape: Shape }, options: unknown): void;
  forward(x: Term, weight: Term, options: unknown): SharedTensor;
  gradient(
    g: SharedTensor,
    made: unknown,
    x: Term,
    weight: Term,
    options: unknown,
  ): readonly (() => SharedTensor)[];
  plain(x: FloatTensor, weight: FloatTensor, options: unknown): FloatTensor;
};

/** The options along the second axis of images. */
function flatOptions(options: unknown): unknown {
  if (options === undefined) return undefined;
  const { stride, padding, dilation, ...rest } = options as Conv1dOptions;
  return {
    ...rest,
    ...(stride !== undefined && { stride: [1, stride] }),
    ...(padding !== undefined && { padding: [0, padding] }),
    ...(dilation !== undefined && { dilation: [1, dilation] }),
  };
}

function raised(shape: Shape): Shape {
  return [...shape.slice(0, -1), 1, shape.at(-1)!];
}

function lowered(shape: Shape): Shape {
  return [...shape.slice(0, -2), shape.at(-1)!];
}

function lift<T extends Term>(x: T): T {
  return move(x, sameElements(x.shape, raised(x.shape)));
}

function lower(x: SharedTensor): SharedTensor {
  return move(x, sameElements(x.shape, lowered(x.shape)));
}

function plainly(x: FloatTensor): FloatTensor {
  return x.reshape(raised(x.shape));
}
