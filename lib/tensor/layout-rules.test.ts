import { describe, expect, it } from "vitest";
import { fc } from "../../test/support/random";
import { type RingVector, ring64 } from "../ring";
import { FloatTensor } from "./float-tensor";
import { gatherLayout, indexSelectLayout, scatterLayout } from "./indexed";
import { type Layout, moveElements, transposeOf } from "./layout";
import { LongTensor, longTensor } from "./long-tensor";
import { joinAlong, joinAsNew } from "./parts";
import { sizeOf } from "./shape";
import { sliceLayout } from "./slices";
import type { Tensor } from "./tensor";
import {
  broadcastLayout,
  diagLayout,
  flipLayout,
  padLayout,
  permuteLayout,
  repeatLayout,
  rollLayout,
} from "./views";

describe("operands that do not fit throw a RangeError that names the shapes", () => {
  const wrong: [(x: Tensor) => unknown, string][] = [
    [(x) => x.reshape(4, 2), "reshape: the 6 elements of shape [2,3] do not fill shape [4,2]"],
    [(x) => x.reshape(4, -1), "do not fill shape [4,-1]"],
    [(x) => x.reshape([0, -1]), "do not fill shape [0,-1]"],
    [
      (x) => x.reshape(-1, -1),
      "reshape: a size must be a whole number from 0, or once -1, got -1 in [-1,-1]",
    ],
    [(x) => x.flatten(2), "flatten: axis 2 is out of range for shape [2,3]; use -2 to 1"],
    [
      (x) => x.flatten(1, 0),
      "flatten: the first axis must not lie behind the last, got 1 and 0 for shape [2,3]",
    ],
    [(x) => x.permute(0, 0), "permute: the order must name every axis of shape [2,3] once, got [0,0]"],
    [(x) => x.permute(1), "permute: the order must name every axis of shape [2,3] once, got [1]"],
    [(x) => x.transpose(0, 2), "transpose: axis 2 is out of range for shape [2,3]; use -2 to 1"],
    [(x) => x.flatten().t(), "t needs at least two axes, got shape [6]; for a column write unsqueeze(1)"],
    [(x) => x.slice([], [], []), "slice takes at most one range for each axis of shape [2,3], got 3"],
    [(x) => x.slice(2, null), "slice: position 2 is out of range for axis 0 of shape [2,3]; use -2 to 1"],
    [(x) => x.slice(null, -4), "slice: position -4 is out of range for axis 1 of shape [2,3]; use -3 to 2"],
    [(x) => x.slice(0.5, null), "slice: position 0.5 is out of range"],
    [(x) => x.slice([0, 1.5]), "slice: a bound must be a whole number, got 1.5"],
    [(x) => x.slice([null, null, 0]), "slice: the step must not be 0; use 1, or -1 to go backwards"],
    [(x) => x.at(2), "at: position 2 is out of range for axis 0 of shape [2,3]; use -2 to 1"],
    [(x) => x.at(0, Number.NaN), "at: position NaN is out of range for axis 1 of shape [2,3]; use -3 to 2"],
    [(x) => x.at(0, 0, 0), "at takes at most one position for each axis of shape [2,3], got 3"],
    [(x) => x.at(), "at takes a position for each of the first axes, such as at(0)"],
    [
      (x) => x.slice([0, 0]).at(0),
      "at: position 0 is out of range for axis 0 of shape [0,3]; that axis is empty",
    ],
    [(x) => x.pad([1]), "pad takes one width for each axis of shape [2,3], got 1 widths"],
    [(x) => x.pad([[1, -1], 0]), "pad: a width must be a whole number from 0, got -1"],
    [(x) => x.broadcastTo([3, 3]), "broadcastTo: shape [2,3] cannot be broadcast to [3,3]"],
    [(x) => x.broadcastTo([3]), "broadcastTo: shape [2,3] cannot be broadcast to [3]"],
    [(x) => x.expand(4, -1), "expand: shape [2,3] cannot be broadcast to [4,3]"],
    [(x) => x.expand(-1, 2, 3), "expand: -1 keeps the size of an axis, and axis 0 is new; give its size"],
    [
      (x) => x.broadcastTo([-2, 3]),
      "broadcastTo: size must be a non-negative integer, got -2 in shape [-2,3]",
    ],
    [
      (x) => x.repeat(2 ** 20, 2 ** 20),
      "a tensor must have fewer than 2^31 elements, got shape [2097152,3145728]",
    ],
    [(x) => x.repeat(2), "repeat takes a count for each axis of shape [2,3], got 1"],
    [(x) => x.repeat(2, -1), "repeat: a count must be a whole number from 0, got -1"],
    [(x) => x.squeeze(0), "squeeze: axis 0 of shape [2,3] has size 2; only an axis of size 1 can go"],
    [(x) => x.unsqueeze(3), "unsqueeze: axis 3 is out of range for shape [2,3]; use -3 to 2"],
    [(x) => x.size(2), "size: axis 2 is out of range for shape [2,3]; use -2 to 1"],
    [
      (x) => x.indexSelect(1, [0, 3]),
      "indexSelect: position 3 at [1] is out of range for axis 1 of shape [2,3]",
    ],
    [(x) => x.indexSelect(1, 0), "indexSelect: index must be a list of positions, got shape []"],
    [
      (x) => x.gather(1, [0, 1]),
      "gather: index of shape [2] must have 2 axes, and be at most as long as shape [2,3]",
    ],
    [
      (x) => x.gather(0, [[0, 0, 2]]),
      "gather: position 2 at [0,2] is out of range for axis 0 of shape [2,3]",
    ],
    [(x) => x.split(0), "split: a size must be a whole number from 1, got 0"],
    [(x) => x.split([1, 2]), "split: sizes [ 1, 2 ] add up to 3, but axis 0 of shape [2,3] has 2"],
    [(x) => x.chunk(0), "chunk: the number of pieces must be a whole number from 1, got 0"],
    [(x) => x.unbind(2), "unbind: axis 2 is out of range for shape [2,3]; use -2 to 1"],
    [(x) => x.flip([0, -2]), "flip: axes [0,-2] of shape [2,3] name one axis twice"],
    [(x) => x.roll([1, 2]), "roll: 2 shifts need as many axes, such as roll([1, 2], [0, 1])"],
    [(x) => x.roll([1, 2], 0), "roll: got 2 shifts for 1 axes; give one, or one for each axis"],
    [(x) => x.unsqueeze(0).diag(), "diag takes a vector or a matrix, got shape [1,2,3]"],
    [(x) => x.at(0).tril(), "tril needs at least two axes, got shape [3]"],
  ];
  const alien: [(x: Any) => unknown, string][] = [
    [
      (x) => x.slice(0, 10),
      "slice(0, 10) names one element; write at(0, 10), or slice([0, 10]) for rows 0 to 9",
    ],
    [(x) => x.slice(1), "slice(1) names one part; write at(1), or slice([1]) for rows from 1 on"],
    [(x) => x.slice(-1, 0), "slice(-1, 0) names one element; write at(-1, 0)"],
    [(x) => x.slice("0"), "slice: a range must be a position, null, or [start, end, step], got '0'"],
    [(x) => x.at("0"), "at: a position must be a number, got '0'; for ranges use slice"],
    [(x) => x.at([0, 1]), "at: a position must be a number, got [ 0, 1 ]; for ranges use slice"],
    [
      (x) => x.reshape("6"),
      "reshape takes numbers, or one list of numbers, such as reshape(2, 3) or reshape([2, 3])",
    ],
    [(x) => x.reshape([2], 3), "reshape takes numbers, or one list of numbers"],
    [(x) => x.permute(x), "permute takes numbers, or one list of numbers"],
    [(x) => x.unsqueeze(), "unsqueeze: an axis must be a number, got undefined"],
    [(x) => x.flip("0"), "flip: an axis must be a number, got '0'"],
    [(x) => x.roll("1"), "roll: a shift must be a number, got '1'"],
    [(x) => x.split(), "split: a size must be a number, got undefined"],
    [
      (x) => x.pad("1"),
      "pad: widths must be a number, or a list with a number or a pair for each axis, got '1'",
    ],
    [(x) => x.indexSelect(0, ["a"]), "indexSelect: index must hold public numbers, got 'a' at [0]"],
    [(x) => x.where([true], 0), "where: the condition must hold public numbers, got true at [0]"],
    [
      (x) => x.where(longTensor(ring64.zeros(1), [1], 16), 0),
      "where: the condition must be integers, and this tensor is fixed point",
    ],
    [
      (x) => x.gather(0, longTensor(ring64.zeros(1), [1, 1], 0, { isShare: true })),
      "gather: index must be public, and this tensor is a share of a secret",
    ],
  ];

  it.each([FloatTensor.zeros(2, 3), LongTensor.zeros(2, 3)])("of a $constructor.name", (tensor: Tensor) => {
    for (const [call, message] of wrong) {
      expect(() => call(tensor), message).toThrow(RangeError);
      expect(() => call(tensor)).toThrow(message);
    }
    for (const [call, message] of alien) {
      expect(() => call(tensor), message).toThrow(TypeError);
      expect(() => call(tensor)).toThrow(message);
    }
    expect(() => (tensor as Any).where([0, 2, 1], 0)).toThrow(
      "where: the condition must hold only 0 and 1, got 2 at [1]; compare first, such as x.gt(0)",
    );
    expect(() => (tensor as Any).where([0, 1], 0)).toThrow("where: shapes [2,3] and [2] cannot be broadcast");
    expect(() => (tensor as Any).scatterAdd(1, [[0, 1]], [[1]])).toThrow(
      "scatterAdd: index of shape [1,2] must not be larger than the source, of shape [1,1]",
    );
  });
});

describe("layouts", () => {
  it("have a transpose: ⟨Lx, y⟩ = ⟨x, Lᵀy⟩", () => {
    const layouts: Layout[] = [
      sliceLayout([3, 4], [[null, null, -2], 1]),
      sliceLayout([3, 4], [1, [0, 0]]),
      permuteLayout([2, 3, 4], [2, 0, 1]),
      flipLayout([2, 3], [1]),
      broadcastLayout([3, 1], [2, 3, 4]),
      repeatLayout([2, 1], [2, 3, 2]),
      rollLayout([2, 3], [1, -1], [0, 1]),
      padLayout([2, 2], [[1, 0], 2]),
      diagLayout([2, 3], -1),
      diagLayout([2], 1),
      indexSelectLayout([2, 3], 1, [2, 0, 2]),
      gatherLayout([2, 3], 1, [[2, 2]]),
      scatterLayout([2, 3], 0, [[1, 1]], [2, 2]),
      ...joinAlong(
        [
          [2, 1],
          [2, 0],
          [2, 3],
        ],
        -1,
      ).parts,
      ...joinAsNew([[2], [2]], 1).parts,
    ];
    const dot = (x: RingVector, y: RingVector) => BigInt.asUintN(64, ring64.sum(ring64.mul(x, y)));
    const words = (length: number) =>
      fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: length, maxLength: length });
    for (const layout of layouts) {
      const back = transposeOf(layout);
      expect([back.shape, back.source]).toEqual([layout.source, layout.shape]);
      fc.assert(
        fc.property(words(sizeOf(layout.source)), words(sizeOf(layout.shape)), (a, b) => {
          const [x, y] = [ring64.fromBigInts(a), ring64.fromBigInts(b)];
          expect(dot(moveElements(ring64, x, layout), y)).toBe(dot(x, moveElements(ring64, y, back)));
        }),
        { numRuns: 50 },
      );
    }
  });

  it("read along strides, and have no index for each element, except those by a list of positions", () => {
    const kinds = ({ steps }: Layout) => steps.map(({ kind }) => kind);
    expect(kinds(permuteLayout([2, 3, 4], [2, 0, 1]))).toEqual(["read"]);
    expect(kinds(transposeOf(permuteLayout([2, 3, 4], [2, 0, 1])))).toEqual(["read"]);
    expect(kinds(transposeOf(flipLayout([2, 3], [0, 1])))).toEqual(["read"]);
    expect(kinds(sliceLayout([3, 4], [[0, 2]]))).toEqual(["read"]);
    expect(kinds(sliceLayout([3, 4], [null, [0, 4]]))).toEqual([]);
    expect(kinds(broadcastLayout([1, 3], [1, 3]))).toEqual([]);
    expect(kinds(padLayout([2], 1))).toEqual(["write"]);
    expect(kinds(indexSelectLayout([2], 0, [1]))).toEqual(["gather"]);
  });

  it("joining needs at least one tensor, matching shapes and equal scales", () => {
    expect(() => FloatTensor.concat([])).toThrow(RangeError);
    expect(() => LongTensor.stack([])).toThrow(RangeError);
    expect(() => FloatTensor.concat([[1], [[1]]])).toThrow(
      "concat: shapes [1] and [1,1] must be equal but for axis 0",
    );
    expect(() => FloatTensor.concat([1, 2])).toThrow(
      "concat: axis 0 is out of range for shape []; a single number has no axes",
    );
    expect(() => LongTensor.stack([[1], [1, 2]])).toThrow(
      "stack: shapes [1] and [2] differ; to join along an axis use concat",
    );
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

  it("chooses and adds shares only among shares", () => {
    const share = longTensor(ring64.full(2, 5n), [2], 0, { isShare: true });
    for (const call of [
      () => share.where([1, 0], [1, 1]),
      () => new LongTensor([1, 1]).where([1, 0], share),
      () => share.scatterAdd(0, [0], [1]),
      () => new LongTensor([1, 1]).scatterAdd(0, [0], share),
    ]) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow("one tensor is a share and the other a plain value, which both parties would add");
    }
    expect(share.scatterAdd(0, [1], share).toArray()).toEqual([5n, 10n]);
    expect(() => new LongTensor([1]).where(1, longTensor(ring64.zeros(1), [1], 16))).toThrow(
      "0 and 16 fractional bits differ",
    );
  });

  it("leaves out NaN where it is not chosen", () => {
    const x = new FloatTensor([
      [1, Number.NaN],
      [Number.POSITIVE_INFINITY, 2],
    ]);
    expect(
      x
        .where(
          [
            [1, 0],
            [0, 1],
          ],
          7,
        )
        .toArray(),
    ).toEqual([
      [1, 7],
      [7, 2],
    ]);
    expect(x.tril().at(0).toArray()).toEqual([1, 0]);
  });

  it("takes positions from tensors of either kind", () => {
    const x = new FloatTensor([
      [1, 5, 2],
      [7, 4, 9],
    ]);
    expect(x.gather(1, x.argmax(1).unsqueeze(1)).toArray()).toEqual([[5], [9]]);
    expect(x.indexSelect(1, new LongTensor([-1, 0])).toArray()).toEqual([
      [2, 1],
      [9, 7],
    ]);
    expect(x.indexSelect(0, BigInt64Array.of(1n)).toArray()).toEqual([[7, 4, 9]]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Any = any;
