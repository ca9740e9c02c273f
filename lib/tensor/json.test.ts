import fc from "fast-check";
import { expect, test } from "vitest";
import { ring64 } from "../ring";
import { encode } from "./fixed-point";
import { FloatTensor } from "./float-tensor";
import { LongTensor, longTensor } from "./long-tensor";

const again = <T>(value: { toJSON(): T }): T => JSON.parse(JSON.stringify(value));

test("a FloatTensor comes back from JSON with every bit, in any shape", () => {
  const special = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double(), special), { maxLength: 12 }),
      fc.nat({ max: 3 }),
      (values, axes) => {
        const shape = [...Array(axes).fill(1), values.length, 1];
        const x = FloatTensor.from(Float64Array.from(values), shape);
        for (const y of [
          new FloatTensor(again(x)),
          FloatTensor.fromJSON(again(x)),
          new FloatTensor(structuredClone(x)),
        ]) {
          expect(y).toBeInstanceOf(FloatTensor);
          expect(y.shape).toEqual(shape);
          expect([...y.values]).toEqual(values);
        }
      },
    ),
  );
  expect(again(new FloatTensor([Number.NaN, Number.POSITIVE_INFINITY])).values).toEqual(["NaN", "Infinity"]);
  expect(new FloatTensor(again(new FloatTensor(7))).item()).toBe(7);
});

test("a LongTensor comes back from JSON with all 64 bits and its scale", () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.nat({ max: 62 }),
      (words, fracBits) => {
        const x = longTensor(ring64.fromBigInts(words), [words.length, 1], fracBits);
        const cloned = structuredClone(x.toJSON()) as ReturnType<typeof again>;
        for (const y of [new LongTensor(again(x) as never), LongTensor.fromJSON(cloned as never)])
          expect([y.shape, y.fracBits, y.isShare, [...y.toTypedArray()]]).toEqual([
            [words.length, 1],
            fracBits,
            false,
            words,
          ]);
      },
    ),
  );
  expect(new LongTensor(again(encode([1.5])) as never).equals(encode([1.5]))).toBe(true);
});

test("other values are refused as before, and a text by what to do", () => {
  const like = {
    get shape() {
      return [1];
    },
  };
  expect(() => new FloatTensor(like as never)).toThrow(/must be numbers/);
  expect(() => FloatTensor.fromJSON("[]" as never)).toThrow(
    "parse the text first, FloatTensor.fromJSON(JSON.parse(text))",
  );
  expect(() => LongTensor.fromJSON([1] as never)).toThrow("this is not the JSON of a LongTensor");
  expect(() => new LongTensor(structuredClone(new LongTensor([1])) as never)).toThrow(
    /without its values.*toJSON/,
  );
});

test("a share has no words in its JSON, and its JSON is refused", () => {
  const share = longTensor(ring64.fromBigInts([123456789n]), [1], 16, { isShare: true });
  expect(JSON.stringify(share)).not.toContain("123456789");
  expect(() => new LongTensor(again(share) as never)).toThrow(/without its values.*iface\.save/);
});

test.each([
  [
    "another tensor's",
    { type: "LongTensor", shape: [1], fracBits: 0, values: ["1"] },
    /JSON of a LongTensor, not of a FloatTensor/,
  ],
  [
    "values that do not fill the shape",
    { type: "FloatTensor", shape: [3], values: [1] },
    /1 values of the JSON do not fill the shape \[3\]/,
  ],
  [
    "a value that is null",
    { type: "FloatTensor", shape: [1], values: [null] },
    /value 0 of the JSON is null/,
  ],
  ["a huge shape", { type: "FloatTensor", shape: [2 ** 31], values: [1] }, /fewer than 2\^31/],
  ["a size that is not a number", { type: "FloatTensor", shape: ["1"], values: [1] }, /size must be/],
])("a FloatTensor refuses JSON with %s", (_, json, message) => {
  expect(() => new FloatTensor(json as never)).toThrow(message);
  expect(() => FloatTensor.fromJSON(json as never)).toThrow(message);
});

test.each([
  ["65 bits", { values: ["9223372036854775808"] }, /does not fit in 64 bits/],
  ["a number", { values: [1] }, /value 0 of the JSON is 1; it must be a text/],
  ["a wrong scale", { values: ["1"], fracBits: -1 }, /fracBits of the JSON/],
])("a LongTensor refuses JSON with %s", (_, json, message) => {
  expect(() => new LongTensor({ type: "LongTensor", shape: [1], fracBits: 0, ...json } as never)).toThrow(
    message,
  );
});
