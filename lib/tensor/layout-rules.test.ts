import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { type RingVector, ring64 } from "../ring";
import { FloatTensor } from "./float-tensor";
import {
  broadcastLayout,
  concatLayout,
  type Layout,
  padLayout,
  permuteLayout,
  sliceLayout,
  stackLayout,
} from "./layout";
import { LongTensor, longTensor } from "./long-tensor";
import type { Tensor } from "./tensor";

describe("operands that do not fit throw a RangeError that names the shapes", () => {
  const wrong: [(x: Tensor) => unknown, string][] = [
    [(x) => x.reshape(4, 2), "the 6 elements of a tensor of shape [2,3] do not fill shape [4,2]"],
    [(x) => x.reshape(4, -1), "do not fill shape [4,-1]"],
    [(x) => x.reshape(0, -1), "do not fill shape [0,-1]"],
    [(x) => x.reshape(-1, -1), "size must be a non-negative integer, got -1"],
    [(x) => x.permute(0, 0), "permute must name every axis of a tensor of shape [2,3] once, got [0,0]"],
    [(x) => x.permute(1), "permute must name every axis of a tensor of shape [2,3] once, got [1]"],
    [(x) => x.transpose(0, 2), "transpose: axis 2 is out of range for shape [2,3]; use -2 to 1"],
    [(x) => x.flatten().t(), "transpose needs at least two axes, got a tensor of shape [6]"],
    [
      (x) => x.slice(0, 0, 0),
      "slice takes at most one range for each axis, got 3 ranges for a tensor of shape [2,3]",
    ],
    [(x) => x.slice(2), "position 2 lies outside axis 0 of a tensor of shape [2,3]"],
    [(x) => x.slice(null, -4), "position -4 lies outside axis 1 of a tensor of shape [2,3]"],
    [(x) => x.slice(0.5), "position 0.5 lies outside"],
    [(x) => x.slice([0, 1.5]), "slice bounds must be integers, got 1.5"],
    [(x) => x.slice([null, null, 0]), "the step of a slice must not be 0"],
    [(x) => x.pad([1]), "pad takes one width for each axis, got 1 widths for a tensor of shape [2,3]"],
    [(x) => x.pad([[1, -1], 0]), "pad widths must be pairs of non-negative integers, got [1,-1]"],
    [(x) => x.broadcastTo([3, 3]), "a tensor of shape [2,3] does not broadcast to [3,3]"],
    [(x) => x.broadcastTo([3]), "a tensor of shape [2,3] does not broadcast to [3]"],
    [(x) => x.squeeze(0), "squeeze needs an axis of size 1, got axis 0 of a tensor of shape [2,3]"],
    [(x) => x.unsqueeze(3), "unsqueeze: axis 3 is out of range for shape [2,3,1]; use -3 to 2"],
    [(x) => x.size(2), "size: axis 2 is out of range for shape [2,3]; use -2 to 1"],
  ];

  it.each([FloatTensor.zeros(2, 3), LongTensor.zeros(2, 3)])("of a $constructor.name", (tensor: Tensor) => {
    for (const [call, message] of wrong) {
      expect(() => call(tensor)).toThrow(RangeError);
      expect(() => call(tensor)).toThrow(message);
    }
  });
});

describe("layouts", () => {
  it("scatterAdd is the transpose of gather over every layout: ⟨Lx, y⟩ = ⟨x, Lᵀy⟩", () => {
    const layouts: Layout[] = [
      sliceLayout([3, 4], [[null, null, -2], 1]),
      sliceLayout([3, 4], [1, [0, 0]]),
      permuteLayout([2, 3, 4], [2, 0, 1]),
      broadcastLayout([3, 1], [2, 3, 4]),
      padLayout([2, 2], [[1, 0], 2]),
      concatLayout(
        [
          [2, 1],
          [2, 0],
          [2, 3],
        ],
        -1,
      ),
      stackLayout([[2], [2]], 1),
    ];
    const dot = (x: RingVector, y: RingVector) => BigInt.asUintN(64, ring64.sum(ring64.mul(x, y)));
    const words = (length: number) =>
      fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: length, maxLength: length });
    for (const { indices, source, shape } of layouts) {
      expect(indices).toHaveLength(shape.reduce((a, b) => a * b, 1));
      fc.assert(
        fc.property(words(source), words(indices.length), (a, b) => {
          const [x, y] = [ring64.fromBigInts(a), ring64.fromBigInts(b)];
          const gradient = ring64.scatterAdd(y, indices, source);
          expect(dot(ring64.gather(x, indices), y)).toBe(dot(x, gradient));
        }),
        { numRuns: 50 },
      );
    }
  });

  it("joining needs at least one tensor, matching shapes and equal scales", () => {
    expect(() => FloatTensor.concat([])).toThrow(RangeError);
    expect(() => LongTensor.stack([])).toThrow(RangeError);
    expect(() => FloatTensor.concat([[1], [[1]]])).toThrow(
      "shapes [1] and [1,1] do not line up along axis 0",
    );
    expect(() => FloatTensor.concat([1, 2])).toThrow(
      "concat: axis 0 is out of range for shape []; a single number has no axes",
    );
    expect(() => LongTensor.stack([[1], [1, 2]])).toThrow("shapes [1] and [2] differ");
    const fixed = longTensor(ring64.zeros(1), [1], 16);
    expect(() => LongTensor.concat([[1], fixed])).toThrow("0 and 16 fractional bits differ");
  });

  it("pads plain tensors with any value, and shares with 0 only", () => {
    expect(new FloatTensor([1]).pad(1, 0.5).toArray()).toEqual([0.5, 1, 0.5]);
    expect(new LongTensor([1]).pad([[0, 1]], -7n).toArray()).toEqual([1n, -7n]);
    expect(() => new LongTensor([1]).pad(1, 0.5)).toThrow(RangeError);
    const share = longTensor(ring64.full(1, 5n), [1], 0, { isShare: true });
    expect(() => share.pad(1, 1)).toThrow(TypeError);
  });
});
