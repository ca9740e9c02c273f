import { expect, test } from "vitest";
import { partsOf } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import { Stock } from "./stock";

const layout = { value: 8, mac: 0 };
const items = (count: number): RawVector[] => [
  { values: new Uint8Array(8 * count).fill(7), macs: new Uint8Array(0) },
];

test("items are handed out once: taking one again throws an error, and never gives zeros", async () => {
  const stock = new Stock(partsOf("random"), layout);
  stock.reserve(6);
  stock.add(items(4), 4);
  stock.add(items(2), 2);
  const [first] = await stock.take(1, 2);
  expect(first!.values).toEqual(new Uint8Array(16).fill(7));
  // All of it gone, and a part of it.
  await expect(stock.take(1, 2)).rejects.toThrow(/2 of 2 items .* are no longer in stock/);
  await expect(stock.take(0, 6)).rejects.toThrow(/2 of 6 items/);
  // The remaining items are unchanged.
  for (const [start, count] of [
    [0, 1],
    [3, 2],
    [5, 1],
  ] as const) {
    const [left] = await stock.take(start, count);
    expect(left!.values).toEqual(new Uint8Array(8 * count).fill(7));
  }
  expect(stock.left).toBe(0);
});

test("waiting for items that were taken fails as soon as they would be made", async () => {
  const stock = new Stock(partsOf("random"), layout);
  stock.reserve(4);
  stock.add(items(2), 2);
  await stock.take(0, 1);
  const waiting = stock.take(0, 4);
  stock.add(items(2), 2);
  await expect(waiting).rejects.toThrow(/1 of 4 items/);
});

test("items are overwritten in place as soon as they are taken, few or many", async () => {
  const stock = new Stock(partsOf("random"), layout);
  stock.reserve(40);
  const [made] = items(40);
  stock.add([made!], 40);
  for (const [start, count] of [
    [20, 1],
    [0, 1],
    [1, 19],
    [39, 1],
  ] as const) {
    const [taken] = await stock.take(start, count);
    expect(taken!.values).toEqual(new Uint8Array(8 * count).fill(7));
  }
  const expected = new Uint8Array(8 * 40).fill(7, 8 * 21, 8 * 39);
  expect(made!.values).toEqual(expected);
  expect(stock.left).toBe(18);
});
