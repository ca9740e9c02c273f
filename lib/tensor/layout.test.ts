import { describe, expect, it } from "vitest";
import { type LayoutCall, layoutCall, layoutNames } from "../../test/support/layout-calls";
import { type Nested, nestedOf, referenceOf } from "../../test/support/layout-reference";
import { Eventual } from "../eventual";
import { type RingVector, ring64 } from "../ring";
import { FloatTensor } from "./float-tensor";
import { LongTensor, longTensor } from "./long-tensor";
import { type Shape, sizeOf } from "./shape";
import type { Tensor } from "./tensor";

const RUNS = 150;

/** One kind of tensor: how to make it, and what must hold for everything made from it. */
interface Kind {
  readonly name: string;
  /** Whether it can take a call's arguments. */
  takes(args: readonly unknown[]): boolean;
  /** Make a tensor of whole numbers. */
  make(values: Float64Array, shape: Shape): Tensor;
  /** Check the results of such tensors, settle them, and return their elements as nested arrays. */
  read(results: readonly Tensor[]): Promise<unknown[]>;
}

const floats: Kind = {
  name: "FloatTensor",
  takes: () => true,
  make: (values, shape) => FloatTensor.from(values, shape),
  async read(results) {
    for (const result of results) expect(result).toBeInstanceOf(FloatTensor);
    return results.map((result) => result.toArray());
  },
};

function longs(name: string, fracBits: number, isShare: boolean, isPending: boolean): Kind {
  let settle: (() => void)[] = [];
  const numbers = (value: unknown): unknown => (Array.isArray(value) ? value.map(numbers) : Number(value));
  return {
    name,
    // Padding: only with whole numbers, and a share only with 0.
    takes: (args) => args.every((arg) => typeof arg !== "number" || Number.isInteger(arg)),
    make(values, shape) {
      const vector = ring64.fromBigInts(Array.from(values, BigInt));
      const promise = new Promise<RingVector>((resolve) => settle.push(() => resolve(vector)));
      return longTensor(isPending ? new Eventual(promise, "The share") : vector, shape, fracBits, {
        isShare,
      });
    },
    async read(tensors) {
      const results = tensors as LongTensor[];
      for (const result of results) {
        expect(result).toBeInstanceOf(LongTensor);
        expect([result.fracBits, result.isShare, result.settled]).toEqual([fracBits, isShare, !isPending]);
      }
      for (const each of settle) each();
      settle = [];
      // A result is available as soon as its sources are.
      await Promise.all(results.map(({ vector }) => vector.promise));
      return results.map((result) => numbers(result.toArray()));
    },
  };
}

const kinds = [
  floats,
  longs("LongTensor", 0, false, false),
  longs("a share", 16, true, false),
  longs("a share under way", 16, true, true),
];

/** Draw a call that a kind can take. */
function draw(name: string, kind: Kind): LayoutCall {
  for (;;) {
    const call = layoutCall(name)!;
    const args = call.fill(call.shapes.map(() => undefined));
    if (
      name !== "pad" ||
      (kind.takes(args) && (kind === floats || !kind.name.includes("share") || args.length < 3))
    )
      return call;
  }
}

function apply(name: string, args: readonly unknown[]): Tensor[] {
  const [first, ...rest] = args as [Tensor | Tensor[], ...unknown[]];
  // biome-ignore lint/suspicious/noExplicitAny: any operation by its name
  const callable: any = Array.isArray(first) ? (first[0] as Tensor).constructor : first;
  return [callable[name](...(Array.isArray(first) ? args : rest))].flat();
}

describe.each(kinds)("layouts of $name", (kind) => {
  it.each(layoutNames())("%s", async (name) => {
    for (let run = 0; run < RUNS; run++) {
      const call = draw(name, kind);
      let next = 1;
      const operands = call.shapes.map((shape) => Float64Array.from({ length: sizeOf(shape) }, () => next++));
      const plain = operands.map((values, i) =>
        referenceOf(call.shapes[i]!, nested(values, call.shapes[i]!)),
      );
      const expected = call.expected(plain).map((each) => [[...each.shape], nestedOf(each)]);
      const args = call.fill(operands.map((values, i) => kind.make(values, call.shapes[i]!)));
      const results = apply(name, args);
      const elements = await kind.read(results);
      const got = results.map(({ shape }, i) => [[...shape], elements[i]]);
      expect(got, `${name} of ${JSON.stringify(call.shapes)}: ${JSON.stringify(args)}`).toEqual(expected);
    }
  });
});

function nested(values: Float64Array, shape: Shape): Nested {
  let next = 0;
  return nestedOf({ shape, at: () => values[next++]! });
}
