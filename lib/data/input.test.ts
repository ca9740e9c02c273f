import { expect, test } from "vitest";
import { withPair } from "../../test/support/pair";
import "../autograd/input";
import { Table } from "./table";

const table = new Table(
  [
    { name: "age", type: "numbers", values: Float64Array.of(63, 37) },
    { name: "kg", type: "numbers", values: Float64Array.of(71.5, Number.NaN) },
    { name: "name", type: "text", values: ["a", "b"] },
  ],
  2,
);

test("an input takes a table and records, as fixed point or as integers", async () => {
  const results = await withPair(async (iface) => {
    const x = await iface.input(0, () => table.select("kg", "age").dropMissing());
    const y = await iface.input(1, () => table.select("age"), { integers: true });
    const z = await iface.input(0, () => [
      { age: 3, kg: 1.5 },
      { kg: -2, age: 4 },
    ]);
    const n = await iface.input(0, () => [{ n: 2n ** 50n }]);
    const opened = [x, y, z, n].map(async (each) => (await each.reveal()).toArray());
    return { scales: [x, y, z, n].map(({ fracBits }) => fracBits), values: await Promise.all(opened) };
  });
  for (const { scales, values } of results) {
    expect(scales).toEqual([16, 0, 16, 0]);
    expect(values).toEqual([
      [[71.5, 63]],
      [[63], [37]],
      [
        [3, 1.5],
        [4, -2],
      ],
      [[2 ** 50]],
    ]);
  }
});

test.each<[string, () => unknown, RegExp]>([
  ["a missing cell of a table", () => table.select("age", "kg"), /row 1, column "kg" is missing/],
  ["a column of text", () => table.select("name"), /column "name" holds text/],
  ["a missing cell of a record", () => [{ a: 1 }, { a: null }], /^input: row 1, column "a" is missing/],
  ["a boolean in a record", () => [{ a: true }], /^input: row 0, column "a" is a boolean/],
  ["an array in a record", () => [{ a: [1, 2] }], /^input: row 0, column "a" is an Array/],
  ["an object in a record", () => [{ a: new Date() }], /^input: row 0, column "a" is a Date/],
  ["a record without a name", () => [{ a: 1, b: 2 }, { a: 1 }], /^input: row 1, column "b" is missing/],
  ["a record with another name", () => [{ a: 1 }, { a: 1, b: 2 }], /^input: row 1 has a column "b"/],
  ["a row that is not a record", () => [{ a: 1 }, [1]], /^input: row 1 is not a record/],
  ["NaN in a record", () => [{ a: Number.NaN }], /NaN at \[0,0\]/],
])("%s is refused by its row and column, at the owner only", async (_, give, message) => {
  const [mine, theirs] = await withPair((iface) =>
    iface.input(0, give as never).then(
      () => "an input",
      (error: Error) => error.message,
    ),
  );
  expect(mine).toMatch(message);
  expect(theirs).toMatch(/party 0 failed before it gave its values/);
});
