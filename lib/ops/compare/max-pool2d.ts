import { addPublic } from "../../primitives/add";
import { rearrange } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { moveElements, sameElements, transposeOf } from "../../tensor/layout";
import { sizeOf } from "../../tensor/shape";
import type { Pair } from "../../tensor/windows";
import { type Pool, type PoolOptions, planPool } from "../arithmetic/pooling";
import { defineOp } from "../define";
import { ramp } from "../ramp";
import { gradientOfWinners, tournament } from "./tournament";

/** Below every value, in units of its last bit, with room for differences. */
const LEAST_BITS = 62;

/**
 * Return the greatest element of each window of images.
 *
 * Keep all elements below 2^61 in units of the last place. The gradient goes to the element that was chosen, the first of
 * equals.
 *
 * @param kernel - the size of a window, one number or two
 * @param options.stride - steps from a window to the next, one number or two. Default: the size of a window
 * @param options.padding - elements around each image that are never chosen, at most half a window. Default: 0
 * @returns [batch, channels, rows, columns], without the batch for one image, at the same scale, exact
 * @throws {RangeError} this is not a batch of images, or a window does not fit
 *
 * @example
 * images.maxPool2d(2)
 */
export const maxPool2d = defineOp({
  parameters: { x: "operand", kernel: "argument", options: { stride: "argument", padding: "argument" } },
  check: (x, kernel, options) => void planOf(x.shape, kernel, options),
  forward: (x, kernel, options) => {
    const plan = planOf(x.shape, kernel, options);
    const { winners, levels } = tournament(withoutPadding(rearrange("maxPool2d", x, plan.layout), x, plan));
    return {
      result: rearrange("maxPool2d", winners, sameElements(winners.shape, plan.result), true),
      saved: { chosen: levels.map(({ chosen }) => chosen) },
    };
  },
  gradient: (g, { saved: { chosen } }, x, kernel, options) => [
    () => {
      const plan = planOf(x.shape, kernel, options);
      const column = rearrange("maxPool2d", g, sameElements(g.shape, [plan.layout.shape[0]!, 1]), true);
      return rearrange("maxPool2d", gradientOfWinners(column, chosen, plan.count), transposeOf(plan.layout));
    },
  ],
  plain: (x: FloatTensor, kernel: Pair, options?: PoolOptions): FloatTensor => greatest(x, kernel, options),
  bound: 0,
  shapes: () => [[1, 2, 4, 5]],
  examples: [
    [ramp([1, 2, 4, 4]), 2],
    [ramp([2, 4, 4]), [2, 3], { padding: [1, 1] }],
  ],
});

function planOf(shape: readonly number[], kernel: Pair, options?: PoolOptions): Pool {
  const plan = planPool("maxPool2d", shape, kernel, options);
  const empty = realPlaces(shape, plan).findIndex((row) => row.every((real) => !real));
  if (empty < 0) return plan;
  throw new RangeError(
    "maxPool2d: a window lies in the padding alone; the padding must be at most half a window",
  );
}

/** Whether each place of each window is an element of an image, not padding. */
function realPlaces(shape: readonly number[], { layout, count }: Pool): boolean[][] {
  const ones = moveElements(doubles, new Float64Array(sizeOf(shape)).fill(1), layout);
  return Array.from({ length: layout.shape[0]! }, (_, row) =>
    Array.from(ones.subarray(row * count, (row + 1) * count), (one) => one === 1),
  );
}

/** Put the padding, which holds zeros, below every value. */
function withoutPadding(windows: SharedTensor, { shape }: SharedTensor, plan: Pool): SharedTensor {
  const real = realPlaces(shape, plan).flat();
  if (real.every(Boolean)) return windows;
  const least = -(1n << BigInt(LEAST_BITS - 1));
  const vector = ring64.fromBigInts(real.map((isReal) => (isReal ? 0n : least)));
  return addPublic(windows, { shape: windows.shape, fracBits: windows.fracBits, vector });
}

function greatest(x: FloatTensor, kernel: Pair, options?: PoolOptions): FloatTensor {
  const plan = planOf(x.shape, kernel, options);
  const windows = moveElements(doubles, x.values, plan.layout);
  const real = realPlaces(x.shape, plan);
  const values = real.map((row, i) =>
    row.reduce(
      (most, isReal, j) => (isReal ? Math.max(most, windows[i * plan.count + j]!) : most),
      Number.NEGATIVE_INFINITY,
    ),
  );
  return FloatTensor.from(Float64Array.from(values), plan.result);
}
