import { broadcastTo } from "../../primitives/layout";
import { divideByWhole } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { moveElements, sameElements, transposeOf } from "../../tensor/layout";
import { planReduction } from "../../tensor/reduction";
import type { Pair } from "../../tensor/windows";
import { defineOp } from "../define";
import { ramp } from "../ramp";
import { move } from "./convolution";
import { type PoolOptions, planPool } from "./pooling";

/**
 * Average windows of images.
 *
 * Keep the sum of every window below 2^(62 − precision) in magnitude, 2^46 at 16 fractional bits, and every average below
 * 2^(53 − precision), 2^37; larger ones wrap around unnoticed.
 *
 * @param kernel - the size of a window, one number or two
 * @param options.stride - steps from a window to the next, one number or two. Default: the size of a window
 * @param options.padding - zeros around each image, which count. Default: 0
 * @returns [batch, channels, rows, columns], without the batch for one image, at the session's precision, within one unit in
 *   the last place and a hair
 * @throws {RangeError} this is not a batch of images, or a window does not fit
 *
 * @example
 * images.avgPool2d(2)
 */
export const avgPool2d = defineOp({
  parameters: { x: "operand", kernel: "argument", options: { stride: "argument", padding: "argument" } },
  check: (x, kernel, options) => void planPool("avgPool2d", x.shape, kernel, options),
  forward: (x, kernel, options) => {
    const { layout, count, result } = planPool("avgPool2d", x.shape, kernel, options);
    const windows = move(x, layout);
    const sums = sumAxes(windows, planReduction("avgPool2d", windows.shape, 1));
    return move(divideByWhole(sums, count), sameElements(sums.shape, result));
  },
  gradient: (g, _made, x, kernel, options) => [
    () => {
      const { layout, count } = planPool("avgPool2d", x.shape, kernel, options);
      const each = divideByWhole(move(g, sameElements(g.shape, [layout.shape[0]!, 1])), count);
      return move(broadcastTo(each, layout.shape) as SharedTensor, transposeOf(layout));
    },
  ],
  plain: (x: FloatTensor, kernel: Pair, options?: PoolOptions): FloatTensor => average(x, kernel, options),
  bound: 1 + 2 ** -8,
  shapes: () => [[2, 2, 5, 4]],
  examples: [
    [ramp([1, 2, 4, 4]), 2],
    [ramp([2, 4, 4]), [2, 3], { stride: 1, padding: 1 }],
  ],
});

function average(x: FloatTensor, kernel: Pair, options?: PoolOptions): FloatTensor {
  const { layout, result } = planPool("avgPool2d", x.shape, kernel, options);
  return FloatTensor.from(moveElements(doubles, x.values, layout), layout.shape)
    .mean(1)
    .reshape(result);
}
