import { describe, expect, test } from "vitest";
import { uniform } from "../../../test/support/random";
import { FloatTensor } from "../../tensor/float-tensor";
import * as ops from "../all";
import "../methods";

/** The definition, element by element. */
function byDefinition(
  x: FloatTensor,
  w: FloatTensor,
  { stride, padding, dilation, groups }: Record<"stride" | "padding" | "dilation" | "groups", number>,
): FloatTensor {
  const [batch, , height, width] = x.shape as number[];
  const [filters, depth, rows, columns] = w.shape as number[];
  const out = (extent: number, kernel: number) =>
    Math.floor((extent + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const [down, across] = [out(height!, rows!), out(width!, columns!)];
  const values: number[] = [];
  for (let b = 0; b < batch!; b++)
    for (let f = 0; f < filters!; f++)
      for (let r = 0; r < down; r++)
        for (let c = 0; c < across; c++) {
          let sum = 0;
          for (let d = 0; d < depth!; d++)
            for (let i = 0; i < rows!; i++)
              for (let j = 0; j < columns!; j++) {
                const [y, z] = [r * stride + i * dilation - padding, c * stride + j * dilation - padding];
                if (y < 0 || y >= height! || z < 0 || z >= width!) continue;
                const channel = Math.floor(f / (filters! / groups)) * depth! + d;
                sum += x.at(b, channel, y, z).item() * w.at(f, d, i, j).item();
              }
          values.push(sum);
        }
  return FloatTensor.from(Float64Array.from(values), [batch!, filters!, down, across]);
}

const random = (...shape: number[]) =>
  FloatTensor.zeros(...shape).map(() => Math.round(16 * (uniform() - 0.5)));
const whole = (from: number, to: number) => from + Math.floor(uniform() * (to - from + 1));

describe("conv2d in the clear", () => {
  test("is its definition, for random sizes and options", () => {
    for (let run = 0; run < 60; run++) {
      const options = {
        stride: whole(1, 3),
        padding: whole(0, 2),
        dilation: whole(1, 2),
        groups: whole(1, 2),
      };
      const depth = whole(1, 2);
      const x = random(whole(1, 2), depth * options.groups, whole(4, 6), whole(4, 6));
      const w = random(whole(1, 2) * options.groups, depth, whole(1, 2), whole(1, 2));
      expect(ops.conv2d(x, w, options)).toEqual(byDefinition(x, w, options));
    }
  });

  test("adds a bias, and takes one image, and different strides along both axes", () => {
    const [x, w] = [random(2, 5, 5), random(3, 2, 2, 2)];
    const all = ops.conv2d(x.reshape(1, 2, 5, 5), w);
    expect(ops.conv2d(x, w, { bias: [1, 2, 3] }).toArray()).toEqual(
      all
        .reshape(3, 4, 4)
        .add(FloatTensor.from(Float64Array.of(1, 2, 3), [3, 1, 1]))
        .toArray(),
    );
    expect(ops.conv2d(x, w, { stride: [2, 1] }).shape).toEqual([3, 2, 4]);
  });

  test("along one axis is conv1d", () => {
    const [x, w] = [random(2, 3, 7), random(2, 3, 2)];
    const images = ops.conv2d(x.reshape(2, 3, 1, 7), w.reshape(2, 3, 1, 2), {
      stride: [1, 2],
      padding: [0, 1],
    });
    expect(ops.conv1d(x, w, { stride: 2, padding: 1 })).toEqual(images.reshape(2, 2, -1));
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no images", () => ops.conv2d([1], [[[[1]]]]), /conv2d takes images of shape \[batch/],
    [
      "channels that do not fit",
      () => ops.conv2d(random(1, 3, 4, 4), random(2, 2, 2, 2)),
      /do not fit images of shape \[1,3,4,4\]/,
    ],
    [
      "a large window",
      () => ops.conv2d(random(1, 1, 2, 2), random(1, 1, 3, 3)),
      /a window of 3×3 does not fit/,
    ],
    [
      "a bias of another size",
      () => ops.conv2d(random(1, 1, 4, 4), random(2, 1, 2, 2), { bias: [1] }),
      /the bias must have shape \[2\]/,
    ],
    [
      "an unknown option",
      () => ops.conv2d(random(1, 1, 4, 4), random(2, 1, 2, 2), { strides: 2 } as never),
      /did you mean "stride"/,
    ],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
