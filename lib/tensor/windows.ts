/** Sliding windows over images, as layouts: what convolution multiplies, and what pooling averages. */
import { wholeNumber } from "./arguments";
import { compose, type Layout, readLayout } from "./layout";
import { bracketShape, rowMajorStrides, type Shape } from "./shape";
import { padLayout } from "./views";

/** One number for both axes, or one for each. */
export type Pair = number | readonly [vertical: number, horizontal: number];

/** How windows lie over images. */
export interface WindowOptions {
  /** Steps from a window to the next. */
  readonly stride?: Pair;
  /** Zeros around each image. */
  readonly padding?: Pair;
  /** Distance between the elements of a window. */
  readonly dilation?: Pair;
}

/** The windows of a batch of images, planned. */
export interface Windows {
  readonly images: Shape;
  /** Windows along both axes. */
  readonly out: readonly [rows: number, columns: number];
  readonly kernel: readonly [rows: number, columns: number];
  /** The window's elements for some channels, as [image, row, column, channel, y, x]. */
  layout(firstChannel: number, channels: number, shape?: Shape): Layout;
}

/**
 * Plan the windows of images of shape [batch, channels, rows, columns].
 *
 * @throws {RangeError} a size is not a whole number, or a window is larger than the padded images
 */
export function planWindows(
  operation: string,
  images: Shape,
  kernel: readonly [number, number],
  { stride = 1, padding = 0, dilation = 1 }: WindowOptions = {},
): Windows {
  const steps = pairOf(operation, "stride", stride, 1);
  const around = pairOf(operation, "padding", padding, 0);
  const apart = pairOf(operation, "dilation", dilation, 1);
  const [batch, channels] = images as [number, number];
  const padded = padLayout(images, [0, 0, around[0], around[1]]);
  const out = [0, 1].map((axis) => {
    const reach = apart[axis]! * (kernel[axis]! - 1) + 1;
    const room = padded.shape[axis + 2]! - reach;
    if (room >= 0) return Math.floor(room / steps[axis]!) + 1;
    throw new RangeError(
      `${operation}: a window of ${kernel.join("×")} does not fit into images of shape ${bracketShape(images)} with a ` +
        `padding of ${around.join("×")} and a dilation of ${apart.join("×")}`,
    );
  }) as [number, number];
  const strides = rowMajorStrides(padded.shape);
  return {
    images,
    out,
    kernel,
    layout(first, count, shape) {
      if (first + count > channels) throw new RangeError(`${operation}: there are only ${channels} channels`);
      const walk = {
        extents: [batch, ...out, count, ...kernel],
        strides: [
          strides[0]!,
          steps[0] * strides[2]!,
          steps[1] * strides[3]!,
          strides[1]!,
          apart[0] * strides[2]!,
          apart[1] * strides[3]!,
        ],
        offset: first * strides[1]!,
      };
      return compose(padded, readLayout(padded.shape, walk, shape));
    },
  };
}

/** @throws {TypeError | RangeError} it is not one or two whole numbers from `least` */
export function pairOf(operation: string, name: string, value: Pair, least: number): [number, number] {
  const both = Array.isArray(value) ? value : [value, value];
  if (both.length !== 2)
    throw new RangeError(`${operation}: ${name} must be one number or two, got ${both.length}`);
  return both.map((each) => wholeNumber(operation, name, each, least)) as [number, number];
}
