import { describe, expect, expectTypeOf, it } from "vitest";
import { createPair } from "../../../test/support/pair";
import * as spdz from "../..";
import { DesyncError, type FloatTensor, LongTensor, ops, type SharedVariable } from "../..";
import type { Operand } from "../../autograd/operand";
import type { DistributedInterface } from "../../session/distributed-interface";
import type { Shape } from "../../tensor/shape";
import type { Value } from "../signature";

/** Run at both parties; return the results. */
async function withPair<T>(run: (iface: DistributedInterface) => Promise<T>): Promise<T[]> {
  const pair = createPair();
  try {
    return await Promise.all(pair.map(run));
  } finally {
    await Promise.all(pair.map((iface) => iface.close()));
  }
}

const share = (iface: DistributedInterface, values: unknown, options = {}) =>
  iface.input(0, iface.party === 0 ? (values as number[]) : undefined, options);

describe("layout operations on secrets", () => {
  it("send nothing", async () => {
    await withPair(async (iface) => {
      const x = await share(iface, [
        [1, 2, 3],
        [4, 5, 6],
      ]);
      await iface.settled();
      const before = iface.costs().total;
      const y = spdz.concat([x.t().slice([0, 2]), [[7, 8]], x.flip(1).roll(1).t()], 0);
      const z = spdz.where([1, 0], y.pad([[0, 1], 0], 0.5).indexSelect(0, [0, -1]), y.at(0));
      z.expand(3, 2, 2)
        .repeat(1, 2, 1)
        .split(2)[0]!
        .scatterAdd(0, [[[1]]], [[[2]]])
        .tril();
      await iface.settled();
      const after = iface.costs().total;
      expect([after.bytesSent, after.rounds]).toEqual([before.bytesSent, before.rounds]);
    });
  });

  it("take secrets and public values in one list, at the finest scale", async () => {
    const [result] = await withPair(async (iface) => {
      const whole = await share(iface, [[1], [2]], { integers: true });
      const fixed = await share(iface, [[0.5], [1.5]]);
      const kinds = [spdz.concat([whole, [[3]]]).fracBits, spdz.concat([whole, fixed], 1).fracBits];
      expect(kinds).toEqual([0, 16]);
      const all = spdz.concat([whole, [[0.25], [-7]], fixed], 1);
      const pair = ops.stack([[9, 9], all.at(1, 0).expand(2)]);
      expect(ops.concat([[1], new LongTensor([2])]).toArray()).toEqual([1, 2]);
      expect(() => spdz.concat([])).toThrow("concat: tensors must be a list of at least one tensor, got []");
      expect(() => (spdz.concat as Any)(fixed, fixed)).toThrow("concat: tensors must be a list");
      expect(() => (spdz.concat as Any)([fixed], 0, 1)).toThrow("concat takes axis; got 2");
      return Promise.all([all, pair].map(async (each) => (await each.reveal()).toArray()));
    });
    expect(result).toEqual([
      [
        [1, 0.25, 0.5],
        [2, -7, 1.5],
      ],
      [
        [9, 9],
        [2, 2],
      ],
    ]);
  });

  it("flow gradients through lists, also where a part is unused", async () => {
    const [grad] = await withPair(async (iface) => {
      const x = await share(iface, [1, 2, 3, 4, 5], { requiresGrad: true });
      const [first, , last] = x.split([2, 1, 2]);
      spdz
        .concat([first!.mul(3), last!.mul(5), [1]])
        .sum()
        .backward();
      return (await x.grad!.reveal()).toArray();
    });
    expect(grad).toEqual([3, 3, 0, 5, 5]);
  });

  it("that differ at the parties are a DesyncError", async () => {
    const apart: [string, (x: SharedVariable, party: number) => SharedVariable][] = [
      ["slice", (x, party) => x.slice([party, party + 1])],
      ["at", (x, party) => x.at(party)],
      ["transpose", (x, party) => (party === 0 ? x.transpose() : x)],
      ["permute", (x, party) => (party === 0 ? x.permute(1, 0) : x.flip())],
      ["indexSelect", (x, party) => x.indexSelect(0, [party])],
      ["where", (x, party) => x.where([party, 1], 0)],
      ["where by shape", (x, party) => x.where(party === 0 ? [1, 0] : [[1], [0]], 0)],
      ["roll", (x, party) => x.roll(party)],
      ["tril", (x, party) => x.tril(-party)],
      ["concat", (x, party) => spdz.concat(party === 0 ? [x, [[1, 2]]] : [[[1, 2]], x]) as SharedVariable],
    ];
    for (const [name, call] of apart) {
      const outcomes = await withPair(async (iface) => {
        const x = await share(iface, [
          [1, 2],
          [3, 4],
        ]);
        return call(x, iface.party)
          .reveal()
          .then(
            () => undefined,
            (error: unknown) => error,
          );
      });
      for (const outcome of outcomes) expect(outcome, name).toBeInstanceOf(DesyncError);
    }
  });

  it("refuse wrong arguments by name, before anything is computed", async () => {
    await withPair(async (iface) => {
      const x = (await share(iface, [
        [1, 2, 3],
        [4, 5, 6],
      ])) as SharedVariable & Any;
      const turned = x.t();
      await iface.settled();
      const before = iface.costs().total.operations;
      const wrong: [() => unknown, ErrorConstructor, string][] = [
        [
          () => x.slice(0, 10),
          TypeError,
          "slice(0, 10) names one element; write at(0, 10), or slice([0, 10])",
        ],
        [
          () => x.at(99),
          RangeError,
          "at: position 99 is out of range for axis 0 of shape [2,3]; use -2 to 1",
        ],
        [() => x.unsqueeze(4), RangeError, "unsqueeze: axis 4 is out of range for shape [2,3]; use -3 to 2"],
        [() => x.transpose("0"), TypeError, "transpose: an axis must be a number, got '0'"],
        [() => x.reshape(4), RangeError, "reshape: the 6 elements of shape [2,3] do not fill shape [4]"],
        [() => x.broadcastTo(2, 3), TypeError, "broadcastTo takes shape; write the shape as one list"],
        [() => x.gather(0, x), TypeError, "gather: index must be integers, got a fixed-point value"],
        [() => x.where(x, 0), TypeError, "where: condition must be integers, got a fixed-point value"],
        [() => spdz.where(x, x, 0), TypeError, "where: condition must be integers, got a fixed-point value"],
        [
          () => x.where([0.5, 1, 1], 0),
          TypeError,
          "where: condition must be integers, got a fixed-point value",
        ],
        [
          () => x.where([2, 1, 1], 0),
          RangeError,
          "where: the condition must hold only 0 and 1, got 2 at [0]",
        ],
        [() => x.where([1, 1], 0), RangeError, "where: shapes [2,3] and [2] cannot be broadcast"],
        [() => x.pad(1, "2"), TypeError, "pad: the value must be a public number, got '2'"],
        [() => x.pad(1, Number.NaN), RangeError, "pad: the value must be finite, got NaN"],
        [() => x.pad(1, 2 ** 50), RangeError, "too large for the shared value's scale"],
        [() => x.roll(1, 2), RangeError, "roll: axis 2 is out of range for shape [2,3]; use -2 to 1"],
        [
          () => spdz.concat([x, turned]),
          RangeError,
          "concat: shapes [2,3] and [3,2] must be equal but for axis 0",
        ],
      ];
      for (const [call, kind, message] of wrong) {
        expect(call, message).toThrow(kind);
        expect(call).toThrow(message);
      }
      await iface.settled();
      expect(iface.costs().total.operations).toBe(before);
    });
  });

  it("have their types", () => {
    const check = (x: SharedVariable, f: FloatTensor, v: Value) => {
      expectTypeOf(x.reshape(2, 3)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(x.reshape([2, 3])).toEqualTypeOf<SharedVariable>();
      expectTypeOf<Parameters<typeof x.reshape>>().toEqualTypeOf<number[] | [shape: Shape]>();
      expectTypeOf(x.split(2)).toEqualTypeOf<readonly SharedVariable[]>();
      expectTypeOf(x.where([1, 0], 2)).toEqualTypeOf<SharedVariable>();
      expectTypeOf<Parameters<typeof x.where>>().toEqualTypeOf<[condition: Operand, other: Operand]>();
      expectTypeOf(spdz.concat([x, x], 1)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(spdz.concat([x, [1]], 1)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(spdz.concat([f, x])).toEqualTypeOf<SharedVariable>();
      expectTypeOf(spdz.concat([f, [1]])).toEqualTypeOf<FloatTensor>();
      expectTypeOf(spdz.concat([v, v])).toEqualTypeOf<Value>();
      expectTypeOf(ops.reshape(f, 2, 3)).toEqualTypeOf<FloatTensor>();
      expectTypeOf(ops.reshape(v, [2, 3])).toEqualTypeOf<Value>();
      expectTypeOf(ops.split([1, 2], 1)).toEqualTypeOf<FloatTensor[]>();
      expectTypeOf(ops.scatterAdd([1, 2], 0, [0], x)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(spdz.where([1, 0], f, x)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(spdz.where([1, 0], f, 2)).toEqualTypeOf<FloatTensor>();
      expectTypeOf(f.sigmoid()).toEqualTypeOf<FloatTensor>();
      expectTypeOf(f.unbind).toEqualTypeOf<(axis?: number) => FloatTensor[]>();
      expectTypeOf(f.reshape(2, 3)).toEqualTypeOf<FloatTensor>();
      // @ts-expect-error a shape holds numbers
      x.reshape("2");
      expectTypeOf(ops.gather([1, 2], 0, x)).toEqualTypeOf<SharedVariable>();
      expectTypeOf(ops.scatterAdd([1, 2], 0, x, [1])).toEqualTypeOf<SharedVariable>();
      // @ts-expect-error no such argument
      x.squeeze(0, 1);
      // @ts-expect-error a list has no method
      x.concat;
    };
    expect(check).toBeTypeOf("function");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Any = any;
