import type { Layout } from "../../tensor/layout";
import { bracketShape, type Shape } from "../../tensor/shape";
import { type Pair, pairOf, planWindows } from "../../tensor/windows";

/** Options of pooling. */
export interface PoolOptions {
  /** Steps from a window to the next. Default: the window's size. */
  readonly stride?: Pair;
  /** Zeros around each image. Default: 0. */
  readonly padding?: Pair;
}

/** Pooling, planned: the windows as a matrix, a row for each. */
export interface Pool {
  readonly layout: Layout;
  /** Elements of a window. */
  readonly count: number;
  readonly result: Shape;
}

/** @throws {RangeError} this is not a batch of images, or a window does not fit */
export function planPool(operation: string, images: Shape, kernel: Pair, options: PoolOptions = {}): Pool {
  if (images.length !== 3 && images.length !== 4) {
    throw new RangeError(
      `${operation} takes images of shape [batch, channels, rows, columns] or [channels, rows, columns], got ` +
        bracketShape(images),
    );
  }
  const size = pairOf(operation, "kernel", kernel, 1);
  const [rows, columns] = images.slice(-2) as [number, number];
  // Every channel by itself, as an image of one.
  const lone = [images.slice(0, -2).reduce((product, extent) => product * extent, 1), 1, rows, columns];
  const { stride = size, padding = 0 } = options;
  const windows = planWindows(operation, lone, size, { stride, padding });
  const [down, across] = windows.out;
  const layout = windows.layout(0, 1, [lone[0]! * down * across, size[0] * size[1]]);
  return {
    layout: { ...layout, source: images },
    count: size[0] * size[1],
    result: [...images.slice(0, -2), down, across],
  };
}
